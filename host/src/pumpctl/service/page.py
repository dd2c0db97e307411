"""The files of the page at the service's address, and the names that scripts show for states and alarms."""

from __future__ import annotations

from importlib import resources
from typing import Any

from pumpctl import defs

_FOLDERS = ("", "link/", "views/")
_KINDS = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


def files() -> dict[str, tuple[str, str]]:
    """Return the text and the media type of each file, by its path at the service's address."""
    web = resources.files("pumpctl.service") / "web"
    found: dict[str, tuple[str, str]] = {}
    for folder in _FOLDERS:
        for file in (web / folder).iterdir():
            kind = _KINDS.get(file.name.rpartition(".")[2])
            if kind is not None:
                found[f"/{folder}{file.name}"] = (file.read_text(encoding="utf-8"), kind)
    return found | {"/": found["/index.html"]}


def names() -> dict[str, Any]:
    """Return the names and texts of states and alarms by their numbers."""
    return {
        "states": {number: state.name for number, state in defs.STATES.items()},
        "alarms": {number: [alarm.name, alarm.text, alarm.action] for number, alarm in defs.ALARMS.items()},
    }
