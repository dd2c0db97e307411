"""The files of the plain page at the service's address: state, alarms and a stop button; and the names it shows."""

from __future__ import annotations

from importlib import resources
from typing import Any

from pumpctl import defs

KINDS = {"index.html": "text/html", "page.js": "text/javascript", "style.css": "text/css"}


def text(name: str) -> str:
    """Return one of the files."""
    return (resources.files("pumpctl.service") / "web" / name).read_text(encoding="utf-8")


def names() -> dict[str, Any]:
    """Return the names and texts of states and alarms by their numbers."""
    return {
        "states": {number: state.name for number, state in defs.STATES.items()},
        "alarms": {number: [alarm.name, alarm.text, alarm.action] for number, alarm in defs.ALARMS.items()},
    }
