"""Why a Pico began anew: by the reason register of its watchdog and the mark of a fault, on both chips."""

import sys

from pump import defs

REQUIREMENTS = ["D12"]


class _Memory:
    """machine.mem32; the reason and scratch 0 of a watchdog at `base`."""

    def __init__(self, base, reason):
        self.cells = {base + 8: reason, base + 12: 0}

    def __getitem__(self, address):
        return self.cells[address]

    def __setitem__(self, address, value):
        assert address in self.cells
        self.cells[address] = value


class _Os:
    def __init__(self, name):
        self.machine = name

    def uname(self):
        return self


def _resets(name, base, reason):
    """The module, on a chip of this name."""

    class _Machine:
        mem32 = _Memory(base, reason)

    sys.modules["machine"] = _Machine
    sys.path.insert(0, "boards/rpi_pico")
    try:
        sys.modules.pop("resets", None)
        import resets
    finally:
        sys.path.pop(0)
        del sys.modules["machine"]
    resets.os = _Os(name)
    return resets, _Machine.mem32


def test_timer_force_and_supply_are_told_apart_on_both_chips():
    for name, base in (("Raspberry Pi Pico with RP2040", 0x40058000), ("Raspberry Pi Pico2 with RP2350", 0x400D8000)):
        for reason, cause in ((0, defs.RESET_POWER_ON), (1, defs.RESET_WATCHDOG), (2, defs.RESET_REQUEST)):
            resets, _ = _resets(name, base, reason)
            assert resets.cause() == cause


def test_a_forced_reset_after_an_error_is_told_once():
    resets, memory = _resets("RP2040", 0x40058000, 2)
    resets.mark_fault()
    assert resets.cause() == defs.RESET_FAULT
    assert resets.cause() == defs.RESET_REQUEST
    resets.mark_fault()
    memory.cells[0x40058008] = 1  # the watchdog was quicker
    assert resets.cause() == defs.RESET_WATCHDOG
