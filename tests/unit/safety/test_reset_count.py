"""Resets by the watchdog or a fatal error, counted over resets by what was saved."""

from pump import defs
from pump.core import conditions, uptime
from pump.safety import reset_count

REQUIREMENTS = ("D12", "S3")
_ALL = [getattr(defs, name) for name in dir(defs) if name.startswith("RESET_")]


class _Boot:
    """A start with this saved number and this cause."""

    def __init__(self, number, cause=defs.RESET_WATCHDOG):
        self.uptime = uptime.Uptime(0)
        self.conditions = conditions.Conditions(0)
        self.part = reset_count.ResetCount(self.uptime)
        assert self.part.load_from([7, number], 1) == 2
        self.part.add(cause, self.conditions)

    def later(self, seconds):
        """The number that is saved after so long."""
        self.uptime.s = seconds
        numbers = [7, -1]
        assert self.part.save_to(numbers, 1) == 2
        return numbers[1]


def _counts(*spans_s):
    """The counts of starts, each so long after the one before it."""
    boot = _Boot(0)
    found = [boot.part.count]
    for span_s in spans_s:
        boot = _Boot(boot.later(span_s))
        found.append(boot.part.count)
    return found


def test_resets_within_ten_minutes_are_counted_up_to_three():
    assert _counts(10, 10, 10, 10) == [1, 2, 3, 3, 3]
    assert _counts(599) == [1, 2]
    assert _counts(600) == [1, 1]
    assert _counts(300, 299) == [1, 2, 3]
    assert _counts(300, 300) == [1, 2, 2]
    assert _counts(300, 300, 299) == [1, 2, 2, 3]


def test_only_the_watchdog_and_a_fatal_error_count():
    for cause in _ALL:
        boot = _Boot(0, cause)
        counts = cause in (defs.RESET_WATCHDOG, defs.RESET_FAULT)
        assert boot.part.count == (1 if counts else 0)
        assert boot.later(0) == (600 if counts else 0)


def test_another_start_in_between_changes_no_count_and_counts_its_time():
    boot = _Boot(_Boot(0).later(100), defs.RESET_POWER_ON)
    assert boot.part.count == 0
    assert _Boot(boot.later(499)).part.count == 2
    assert _Boot(boot.later(500)).part.count == 1


def test_the_first_is_an_alarm_of_medium_and_the_next_of_high_priority():
    first = _Boot(0)
    assert (first.conditions.notes, first.conditions.word) == (defs.NOTE_RESET_BY_FAULT, 0)
    second = _Boot(first.later(5))
    assert (second.conditions.notes, second.conditions.word) == (0, defs.BIT_RESETS_REPEAT)


def test_the_number_stays_within_what_persistence_accepts():
    boot = _Boot(0)
    for _ in range(5):
        boot = _Boot(boot.later(0))
        assert 0 <= boot.later(0) <= reset_count.PACKED_MOST
