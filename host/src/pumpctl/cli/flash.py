"""`pumpctl flash`: writes an image to a board and shows what runs there afterwards."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pumpctl import checkout, errors, ports
from pumpctl.cli import options
from pumpctl.cli.screen import console
from pumpctl.flashing import flash as flashing, uf2
from pumpctl.protocol import answers, key_files

_KINDS = ("release", "dev", "new-board", "demo")


@options.sharing("port", "as_json")
def flash(
    chosen: options.Options,
    image: Annotated[Path | None, typer.Argument(help="UF2 image; default is the one built in this checkout.")] = None,
    board: Annotated[str, typer.Option("--board", help="Board whose built image is used.")] = "rpi_pico",
    kind: Annotated[
        str, typer.Option("--kind", help="release, dev, new-board (erases the files) or demo.")
    ] = "release",
    volume: Annotated[Path | None, typer.Option("--volume", help="Where the BOOTSEL volume is mounted.")] = None,
    wait_s: Annotated[float, typer.Option("--wait", help="Seconds to wait for the volume.", min=0)] = 120.0,
    force: Annotated[bool, typer.Option("--force", help="Also while the pump is delivering.")] = False,
) -> None:
    """Write an image to a board. Where the board can't enter BOOTSEL by itself, you are told what to do."""
    if kind not in _KINDS:
        raise errors.UsageProblem(f"There is no image of the kind {kind!r}; use one of {', '.join(_KINDS)}.")
    path = image or checkout.image_path(checkout.find_checkout(), board, kind)
    given = chosen.port or os.environ.get("PUMP_PORT") or ports.configured()
    tools = flashing.Tools(choose=_cannot_ask if chosen.as_json else _ask)
    times = flashing.Times(volume_s=wait_s)
    hello = flashing.flash(uf2.read(path), given, volume, console.say, force, tools, times)
    if chosen.as_json:
        console.put_json({"ok": True, "file": str(path), **asdict(hello)})
    else:
        name = f" {hello.unique_id}" if hello.unique_id else ""
        console.say(f"Done: {hello.board}{name} runs {hello.version}.")
        _tell_unpaired(hello)


def _tell_unpaired(hello: answers.Hello) -> None:
    """Say what to do if this user can't command the board yet."""
    with suppress(errors.KeyUnfit):  # told when the key is used
        if hello.keyed and key_files.load(hello.unique_id) is None:
            console.say("It takes commands from paired hosts only: type `pumpctl pair` and press its button.")


def _cannot_ask(_names: Sequence[str]) -> int | None:
    return None


def _ask(names: Sequence[str]) -> int | None:
    """Let the user choose one of several boards; None where there is no answer."""
    for number, name in enumerate(names, 1):
        console.say(f"{number}  {name}")
    try:
        typed = console.ask(f"Which board, 1 to {len(names)}?")
    except typer.Abort:
        console.say("")
        return None
    if typed.isdecimal() and 1 <= int(typed) <= len(names):
        return int(typed) - 1
    raise errors.UsageProblem(f"{typed} is not one of the boards; nothing was written.")
