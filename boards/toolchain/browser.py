"""The browser that tests the page of the service: Debian's Chromium, a download of 113 MB."""

from __future__ import annotations

from . import steps
from .machine import Machine, require


def set_up(place: steps.Place, machine: Machine) -> bool:
    """Installs Chromium as root on Debian. Returns whether it is there; without it those tests are skipped."""
    trouble = "only root on Debian can install it here"
    if machine.is_root() and machine.is_debian():
        try:
            require(place, machine, {"chromium": lambda: machine.has("chromium")})
        except steps.Trouble as error:
            trouble = str(error)
    if machine.has("chromium"):
        return True
    steps.say(f"there is no Chromium, so the tests in a browser are skipped: {trouble}")
    return False
