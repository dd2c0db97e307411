"""The ring of records: order, sequence, times, signs, what is overwritten."""

from pump.core import uptime
from pump.journal import journal

REQUIREMENTS = ("L1",)


def _make():
    time = uptime.Uptime(0)
    return time, journal.Journal(None, time)


def test_begins_empty():
    _, book = _make()
    assert (book.oldest(), book.next) == (1, 1)


def test_a_record_is_stored_with_its_time_and_signs():
    time, book = _make()
    time.s, time.ms = 1209600, 999
    book.write(13, -(1 << 31), (1 << 31) - 1)
    book.write(3)
    assert book.read(1) == (1, 1209600, 999, 13, -(1 << 31), (1 << 31) - 1)
    assert book.read(2) == (2, 1209600, 999, 3, 0, 0)


def test_the_oldest_go_first_and_all_that_is_kept_is_right():
    _, book = _make()
    for number in range(1, 1000):
        book.write(number % 14, number, -number)
        assert book.next == number + 1
        assert book.oldest() == max(1, number - 127)
    for sequence in range(book.oldest(), book.next):
        assert book.read(sequence) == (sequence, 0, 0, sequence % 14, sequence, -sequence)


def test_far_sequence_numbers():
    _, book = _make()
    book.next = (1 << 30) - 64
    for number in range(128):
        book.write(1, number)
    assert book.oldest() == (1 << 30) - 64
    for number in range(128):
        assert book.read(book.oldest() + number)[4] == number
