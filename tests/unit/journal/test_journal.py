"""The events in memory: order, sequence numbers, times, signs, overwriting."""

from pump.core import uptime
from pump.journal.journal import Journal

REQUIREMENTS = ("L1",)


def _make():
    time = uptime.Uptime(0)
    return time, Journal(None, time)


def test_begins_empty():
    _, journal = _make()
    assert (journal.oldest(), journal.next) == (1, 1)


def test_a_record_is_stored_with_its_time_and_signs():
    time, journal = _make()
    time.s, time.ms = 1209600, 999
    journal.write(13, -(1 << 31), (1 << 31) - 1)
    journal.write(3)
    assert journal.read(1) == (1, 1209600, 999, 13, -(1 << 31), (1 << 31) - 1)
    assert journal.read(2) == (2, 1209600, 999, 3, 0, 0)


def test_the_oldest_go_first_and_all_that_is_kept_is_right():
    _, journal = _make()
    for number in range(1, 1000):
        journal.write(number % 14, number, -number)
        assert journal.next == number + 1
        assert journal.oldest() == max(1, number - 127)
    for sequence in range(journal.oldest(), journal.next):
        assert journal.read(sequence) == (sequence, 0, 0, sequence % 14, sequence, -sequence)


def test_far_sequence_numbers():
    _, journal = _make()
    journal.next = (1 << 30) - 64
    for number in range(128):
        journal.write(1, number)
    assert journal.oldest() == (1 << 30) - 64
    for number in range(128):
        assert journal.read(journal.oldest() + number)[4] == number
