"""`pumpctl deploy`: copies changed files of the checkout to a board, for development."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pumpctl import checkout, ports
from pumpctl.cli import options
from pumpctl.cli.screen import console
from pumpctl.flashing import deploy as deploying


@options.sharing("port", "as_json")
def deploy(
    chosen: options.Options,
    package: Annotated[
        Path | None,
        typer.Option("--package", help="Write a package for `mpremote mip install` into this folder instead."),
    ] = None,
    board: Annotated[str, typer.Option("--board", help="Board whose built image the package is for.")] = "rpi_pico",
) -> None:
    """Copy the files that differ from its image to a board with the development image, and restart it."""
    place = checkout.find_checkout()
    if package is not None:
        done = deploying.package(package, place, board)
    else:
        done = deploying.deploy(ports.choose(chosen.port), place)
    if chosen.as_json:
        console.put_json({"ok": True, "copied": done.copy, "removed": done.remove})
        return
    for target in done.copy:
        console.put(f"copied   {target}")
    for target in done.remove:
        console.put(f"removed  {target}")
    if not (done.copy or done.remove):
        console.say("Nothing has changed.")
