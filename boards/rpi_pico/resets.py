"""Why the processor began anew, by the registers of the watchdog, which makes every reset but that of the supply."""

import os

import machine
from micropython import const

# Data sheets of RP2040 (4.7) and RP2350 (12.9): the same registers in another place.
_BASE_2040 = 0x40058000
_BASE_2350 = 0x400D8000
_REASON = const(0x08)  # 1 the timer ran out, 2 the program forced it, 0 neither
_SCRATCH0 = const(0x0C)  # lasts over the watchdog's resets; the boot ROM uses the upper four alone
_FAULT = const(0x0FA0170)


def _base() -> int:
    return _BASE_2350 if "RP2350" in os.uname().machine else _BASE_2040


def mark_fault() -> None:
    """The reset that follows is one after an error."""
    machine.mem32[_base() + _SCRATCH0] = _FAULT


def cause() -> int:
    """One of defs.RESET_*; forgets the mark. A supply that came back is a power-on; that it fell is for the journal."""
    # Not above: _boot.py imports this file, and `make deploy` could put no other pump/ before the image's.
    from pump import defs

    base = _base()
    marked = machine.mem32[base + _SCRATCH0] == _FAULT
    machine.mem32[base + _SCRATCH0] = 0
    reason = machine.mem32[base + _REASON]
    if reason & 1:
        return defs.RESET_WATCHDOG
    if reason & 2:
        return defs.RESET_FAULT if marked else defs.RESET_REQUEST
    return defs.RESET_POWER_ON
