"""The cause of the last reset, from the watchdog's registers; also the watchdog's test at power-on."""

import os
import time

import machine
from micropython import const

# Data sheets of RP2040 (4.7) and RP2350 (12.9): the same registers at different addresses.
_BASE_2040 = 0x40058000
_BASE_2350 = 0x400D8000
_CTRL = const(0x00)
_REASON = const(0x08)  # 1 the timer ran out, 2 the program forced it, 0 neither
_SCRATCH0 = const(0x0C)  # keeps its value through the watchdog's resets; the boot ROM uses only the upper four
_SCRATCH1 = const(0x10)
_SCRATCH4 = const(0x1C)
_TIMER = const(1)
_FORCED = const(2)
_FAULT = const(0x0FA0170)  # in scratch 0
_TEST = const(0x0B17E500)  # in scratch 1: the watchdog's test is running
# In scratch 4 since machine.WDT has started (SDK, watchdog.c, WATCHDOG_NON_REBOOT_MAGIC). The boot ROM has another word
# there at its restart after a flash by BOOTSEL, which the watchdog's timer makes too (pico-bootrom-rp2040, runtime.c;
# pico-bootrom-rp2350, s_varm_api_reboot).
_STARTED_BY_US = const(0x6AB73121)
# The first word of the second core's stack: that core is never started, and no reset clears the word.
_TRIES_2040 = 0x20040000
_TRIES_2350 = 0x20080000

WATCHDOG_MS = const(8000)

# Whether the watchdog passed its test at this power-on; None when this start made no test.
watchdog_tested: "bool | None" = None


def _is_2350() -> bool:
    return "RP2350" in os.uname().machine


def _base() -> int:
    return _BASE_2350 if _is_2350() else _BASE_2040


def _watchdog_reset(base: int) -> bool:
    """Whether the firmware's watchdog made the last reset."""
    return machine.mem32[base + _REASON] & _TIMER != 0 and machine.mem32[base + _SCRATCH4] == _STARTED_BY_US


def _boot_rom_restart(base: int) -> bool:
    """Whether the boot ROM made the last reset, after a flash by BOOTSEL: as a power-on to the firmware."""
    return machine.mem32[base + _REASON] & _TIMER != 0 and machine.mem32[base + _SCRATCH4] != _STARTED_BY_US


class _Kept:
    """A watchdog_test.Kept in the watchdog's registers and one word of memory."""

    def __init__(self) -> None:
        self._base = _base()
        self._tries = _TRIES_2350 if _is_2350() else _TRIES_2040

    def is_marked(self) -> bool:
        return machine.mem32[self._base + _SCRATCH1] == _TEST

    def watchdog_reset(self) -> bool:
        return _watchdog_reset(self._base)

    def is_cold(self) -> bool:
        return machine.mem32[self._base + _REASON] == 0 or _boot_rom_restart(self._base)

    def tries(self) -> int:
        word = machine.mem32[self._tries]
        return word & 0xFF if word & ~0xFF == _TEST else 0

    def mark(self, tries: int) -> None:
        machine.mem32[self._tries] = _TEST | tries
        machine.mem32[self._base + _SCRATCH1] = _TEST

    def clear(self) -> None:
        machine.mem32[self._tries] = 0
        machine.mem32[self._base + _SCRATCH1] = 0


def test_watchdog() -> None:
    """After a power-on, lets the watchdog reset the chip; marks tell the next start that this was the test (S1)."""
    global watchdog_tested
    from pump.safety import watchdog_test  # imported here for the reason given in storage.check

    watchdog_tested = watchdog_test.run(_Kept(), lambda ms: machine.WDT(timeout=ms), time.sleep_ms, _stop)


def start_watchdog() -> None:
    """From now on a hang ends in a reset; the watchdog of board.py goes on with it."""
    machine.WDT(timeout=WATCHDOG_MS)


def _stop() -> None:
    machine.mem32[_base() + _CTRL] = 0


def mark_fault() -> None:
    """Marks the next reset as one after an error."""
    machine.mem32[_base() + _SCRATCH0] = _FAULT


def cause() -> int:
    """One of defs.RESET_*; clears the mark.

    A restart by the boot ROM is a power-on. A brown-out looks like one too; the journal distinguishes them.
    """
    # Imported here for the reason given in storage.check.
    from pump import defs

    base = _base()
    marked = machine.mem32[base + _SCRATCH0] == _FAULT
    machine.mem32[base + _SCRATCH0] = 0
    if watchdog_tested:
        return defs.RESET_POWER_ON  # the watchdog's reset was its test
    if _watchdog_reset(base):
        return defs.RESET_WATCHDOG
    if machine.mem32[base + _REASON] & _FORCED:
        return defs.RESET_FAULT if marked else defs.RESET_REQUEST
    return defs.RESET_POWER_ON
