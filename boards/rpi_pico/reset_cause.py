"""Why the processor began anew, by the registers of the watchdog, which makes every reset but that of the supply."""

import os
import time

import machine
from micropython import const

# Data sheets of RP2040 (4.7) and RP2350 (12.9): the same registers in another place.
_BASE_2040 = 0x40058000
_BASE_2350 = 0x400D8000
_CTRL = const(0x00)
_REASON = const(0x08)  # 1 the timer ran out, 2 the program forced it, 0 neither
_SCRATCH0 = const(0x0C)  # lasts over the watchdog's resets; the boot ROM uses the upper four alone
_SCRATCH1 = const(0x10)
_TIMER = const(1)
_FORCED = const(2)
_FAULT = const(0x0FA0170)  # in scratch 0
_PROOF = const(0x0B17E500)  # in scratch 1: the watchdog is left to bite
# The first word of the memory that is kept for the stack of the second core, which nobody starts: no reset clears it.
_TRIES_2040 = 0x20040000
_TRIES_2350 = 0x20080000

watchdog_tested: "bool | None" = None  # whether the watchdog has bitten in its test at this power-on; None where there was none


def _is_2350() -> bool:
    return "RP2350" in os.uname().machine


def _base() -> int:
    return _BASE_2350 if _is_2350() else _BASE_2040


class _Kept:
    """A watchdog_proof.Kept."""

    def __init__(self) -> None:
        self._base = _base()
        self._tries = _TRIES_2350 if _is_2350() else _TRIES_2040

    def is_marked(self) -> bool:
        return machine.mem32[self._base + _SCRATCH1] == _PROOF

    def bitten(self) -> bool:
        return machine.mem32[self._base + _REASON] & _TIMER != 0

    def is_cold(self) -> bool:
        return machine.mem32[self._base + _REASON] == 0

    def tries(self) -> int:
        word = machine.mem32[self._tries]
        return word & 0xFF if word & ~0xFF == _PROOF else 0

    def mark(self, tries: int) -> None:
        machine.mem32[self._tries] = _PROOF | tries
        machine.mem32[self._base + _SCRATCH1] = _PROOF

    def clear(self) -> None:
        machine.mem32[self._tries] = 0
        machine.mem32[self._base + _SCRATCH1] = 0


def test_watchdog() -> None:
    """At a power-on has the watchdog bite: then this doesn't come back, and the start that follows knows it (S1)."""
    global watchdog_tested
    from pump.safety import watchdog_test  # not above, as in `cause`

    watchdog_tested = watchdog_test.run(_Kept(), lambda ms: machine.WDT(timeout=ms), time.sleep_ms, _stop)


def _stop() -> None:
    machine.mem32[_base() + _CTRL] = 0


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
    if watchdog_tested:
        return defs.RESET_POWER_ON  # the bite of the test is no hang
    if reason & _TIMER:
        return defs.RESET_WATCHDOG
    if reason & _FORCED:
        return defs.RESET_FAULT if marked else defs.RESET_REQUEST
    return defs.RESET_POWER_ON
