"""The watchdog test at power-on: one reset if it works, a failed test if it doesn't, and never an endless loop."""

from pump.safety import watchdog_test

REQUIREMENTS = ("S1",)

POWER, TIMER, OTHER = 0, 1, 2


class _Reset(Exception):
    pass


class _Chip:
    """A processor with its watchdog: `dead` never resets, `forgets` makes every reset look like a power-on."""

    def __init__(self, dead=False, forgets=False, memory_lasts=True):
        self.reason = POWER
        self.marked = False
        self.tried = 0
        self.dead = dead
        self.forgets = forgets
        self.memory_lasts = memory_lasts
        self.resets = 0
        self.running_ms = 0

    # the interface for watchdog_test
    def is_marked(self):
        return self.marked

    def watchdog_reset(self):
        return self.reason == TIMER

    def is_cold(self):
        return self.reason == POWER

    def tries(self):
        return self.tried

    def mark(self, tries):
        self.tried = tries
        self.marked = True

    def clear(self):
        self.tried = 0
        self.marked = False

    def start(self, ms):
        self.running_ms = ms

    def wait_ms(self, ms):
        if self.dead or not self.running_ms or self.running_ms >= ms:
            return
        self.resets += 1
        self.running_ms = 0
        self.reason = TIMER
        if self.forgets:
            self.power()
        raise _Reset

    def stop(self):
        self.running_ms = 0

    # power comes back
    def power(self):
        self.reason = POWER
        self.marked = False
        if not self.memory_lasts:
            self.tried = 0

    def begin(self):
        """Starts until the firmware runs on; returns its knowledge of the watchdog."""
        for _ in range(10):
            try:
                return watchdog_test.run(self, self.start, self.wait_ms, self.stop)
            except _Reset:
                pass
        raise AssertionError("it resets without end")


def test_a_sound_watchdog_resets_once_at_each_power_on():
    chip = _Chip()
    for count in (1, 2, 3):
        assert chip.begin() is True
        assert chip.resets == count
        assert not chip.marked and chip.tried == 0
        chip.power()


def test_no_other_reset_triggers_it():
    chip = _Chip()
    chip.begin()
    for reason in (TIMER, OTHER):
        chip.reason = reason
        assert chip.begin() is None
    assert chip.resets == 1


def test_a_dead_watchdog_has_failed_and_is_stopped():
    chip = _Chip(dead=True)
    assert chip.begin() is False
    assert chip.running_ms == 0
    assert not chip.marked and chip.tried == 0
    chip.reason = OTHER
    assert chip.begin() is None


def test_watchdog_resets_reported_as_power_ons_end_after_three():
    chip = _Chip(forgets=True)
    for count in (3, 6):
        assert chip.begin() is False
        assert chip.resets == count
        chip.power()


def test_a_supply_that_fails_within_the_test_has_it_made_again():
    for lasts in (True, False):
        chip = _Chip(memory_lasts=lasts)
        chip.mark(1)
        chip.power()
        assert chip.begin() is True
        assert chip.resets == 1


def test_another_reset_within_the_test_is_no_proof():
    chip = _Chip()
    chip.mark(1)
    chip.reason = OTHER
    assert chip.begin() is False
    assert chip.resets == 0
