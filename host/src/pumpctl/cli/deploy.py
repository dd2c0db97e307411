"""`pumpctl deploy`: copies changed files of the checkout to a board, for development."""

from __future__ import annotations

from pumpctl import checkout, ports
from pumpctl.cli import options
from pumpctl.cli.screen import console
from pumpctl.flashing import deploy as deploying


@options.sharing("port", "as_json")
def deploy(chosen: options.Options) -> None:
    """Copy changed files of the firmware to a board that has the development image, and restart it."""
    done = deploying.deploy(ports.choose(chosen.port), checkout.find_checkout())
    if chosen.as_json:
        console.put_json({"ok": True, "copied": done.copy, "removed": done.remove})
        return
    for target in done.copy:
        console.put(f"copied   {target}")
    for target in done.remove:
        console.put(f"removed  {target}")
    if not (done.copy or done.remove):
        console.say("Nothing has changed.")
