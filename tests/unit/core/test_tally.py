"""The counts of exchanges with a part."""

from pump.core import tally


def test_exchanges_and_disturbed_ones_are_counted():
    counts = tally.Tally()
    for good in (True, False, True, True, False):
        counts.add(good)
    assert (counts.exchanges, counts.disturbed) == (5, 2)


def test_the_rate_stays_when_the_counts_would_leave_the_small_integers():
    counts = tally.Tally()
    counts.exchanges = (1 << 29) - 1
    counts.disturbed = 1 << 20
    counts.add(True)
    assert (counts.exchanges, counts.disturbed) == (1 << 28, 1 << 19)
