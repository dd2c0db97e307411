"""The cause of a reset, from the watchdog's reason register and the marker of a fault, on both chips."""

import sys

from pump import defs

REQUIREMENTS = ["D12", "S1"]


class _Memory:
    """machine.mem32; control, reason and three scratch words of a watchdog at `base`, and a word of memory."""

    def __init__(self, base, reason, word, scratch4):
        self.cells = {base: 0, base + 8: reason, base + 12: 0, base + 16: 0, base + 28: scratch4, word: 0xA5A5A5A5}

    def __getitem__(self, address):
        return self.cells[address]

    def __setitem__(self, address, value):
        assert address in self.cells
        self.cells[address] = value


class _Time:
    @staticmethod
    def sleep_ms(span_ms):
        pass


class _Os:
    def __init__(self, name):
        self.machine = name

    def uname(self):
        return self


_OURS = 0x6AB73121  # what machine.WDT leaves in scratch 4


def _load(name, base, reason, scratch4=_OURS):
    """The module, on a chip of this name."""

    class _Machine:
        mem32 = _Memory(base, reason, 0x20040000 if base == 0x40058000 else 0x20080000, scratch4)
        started = []

        @classmethod
        def WDT(cls, timeout):
            cls.started.append((timeout, cls.mem32[base + 16]))
            cls.mem32[base] = 1 << 30

    sys.modules["machine"] = _Machine
    sys.path.insert(0, "boards/rpi_pico")
    try:
        sys.modules.pop("reset_cause", None)
        import reset_cause
    finally:
        sys.path.pop(0)
        del sys.modules["machine"]
    reset_cause.os = _Os(name)
    reset_cause.machine = _Machine
    reset_cause.time = _Time
    return reset_cause, _Machine


def test_timer_force_and_supply_are_told_apart_on_both_chips():
    for name, base in (("Raspberry Pi Pico with RP2040", 0x40058000), ("Raspberry Pi Pico2 with RP2350", 0x400D8000)):
        for reason, cause in ((0, defs.RESET_POWER_ON), (1, defs.RESET_WATCHDOG), (2, defs.RESET_REQUEST)):
            reset_cause, _ = _load(name, base, reason)
            assert reset_cause.cause() == cause


def test_a_restart_by_the_boot_rom_is_a_power_on_and_the_watchdog_is_tested():
    """After a flash by BOOTSEL the watchdog's timer makes the reset too, but scratch 4 is 0 or the boot ROM's word."""
    for name, base in (("RP2040", 0x40058000), ("RP2350", 0x400D8000)):
        for scratch4 in (0, 0xB007C0D3):
            reset_cause, chip = _load(name, base, 1, scratch4)
            assert reset_cause.cause() == defs.RESET_POWER_ON
            reset_cause.test_watchdog()
            assert len(chip.started) == 1
            assert reset_cause.watchdog_tested is False, "this watchdog did not reset the chip"


def test_a_mark_of_the_test_that_outlasts_a_flash_by_bootsel_is_no_passed_test():
    for name, base in (("RP2040", 0x40058000), ("RP2350", 0x400D8000)):
        reset_cause, chip = _load(name, base, 1, 0)
        reset_cause._Kept().mark(1)
        reset_cause.test_watchdog()
        assert reset_cause.watchdog_tested is False


def test_a_forced_reset_after_an_error_is_reported_once():
    reset_cause, chip = _load("RP2040", 0x40058000, 2)
    reset_cause.mark_fault()
    assert reset_cause.cause() == defs.RESET_FAULT
    assert reset_cause.cause() == defs.RESET_REQUEST
    reset_cause.mark_fault()
    chip.mem32.cells[0x40058008] = 1  # the watchdog resets first
    assert reset_cause.cause() == defs.RESET_WATCHDOG


def test_a_watchdog_that_does_not_reset_in_its_test_is_stopped_and_the_marks_are_cleared():
    for name, base in (("Raspberry Pi Pico with RP2040", 0x40058000), ("Raspberry Pi Pico2 with RP2350", 0x400D8000)):
        reset_cause, chip = _load(name, base, 0)
        reset_cause.test_watchdog()
        assert reset_cause.watchdog_tested is False
        ((timeout_ms, mark),) = chip.started
        assert 0 < timeout_ms < 10 and mark
        assert [chip.mem32.cells[base + at] for at in (0, 12, 16)] == [0, 0, 0]
        assert reset_cause.cause() == defs.RESET_POWER_ON


def test_the_start_after_the_watchdogs_test_is_a_power_on_with_a_tested_watchdog():
    for name, base in (("Raspberry Pi Pico with RP2040", 0x40058000), ("Raspberry Pi Pico2 with RP2350", 0x400D8000)):
        reset_cause, chip = _load(name, base, 0)
        reset_cause.test_watchdog()
        (_, mark) = chip.started[0]
        reset_cause, chip = _load(name, base, 1)
        chip.mem32.cells[base + 16] = mark
        reset_cause.test_watchdog()
        assert reset_cause.watchdog_tested is True
        assert chip.started == []
        assert reset_cause.cause() == defs.RESET_POWER_ON
        reset_cause.watchdog_tested = None  # the next start
        reset_cause.test_watchdog()
        assert reset_cause.watchdog_tested is None
        assert reset_cause.cause() == defs.RESET_WATCHDOG


def test_the_count_of_tries_lasts_and_anything_else_in_its_word_is_none():
    for name, base in (("RP2040", 0x40058000), ("RP2350", 0x400D8000)):
        reset_cause, chip = _load(name, base, 0)
        kept = reset_cause._Kept()
        assert kept.tries() == 0
        kept.mark(3)
        assert kept.is_marked() and kept.tries() == 3
        kept.clear()
        assert not kept.is_marked() and kept.tries() == 0
