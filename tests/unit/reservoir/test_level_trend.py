"""The trend of level against ledger from day to day, at its mark."""

from pump.reservoir import level_trend

REQUIREMENTS = ("V2",)
TAKEN_NL = 694  # a minute of 1 mL/day
HOUR = 61  # values
SWING_NL = 20000  # of the level within two days


def _hours(trend, hours, more_nl, at):
    """Adds values of a drive that gives so much more a minute, and of a level that swings.

    Returns how often the finding changed, and the place after them.
    """
    changes = 0
    ledger, difference = at
    for hour in range(hours):
        swing_nl = SWING_NL * abs(hour % 48 - 24) // 24
        for _ in range(HOUR):
            ledger -= TAKEN_NL
            difference -= more_nl
            before = trend.differs
            trend.add(difference + swing_nl, ledger)
            changes += trend.differs != before
    return changes, (ledger, difference)


def test_what_is_found_does_not_come_and_go_at_the_mark():
    for sign in (-1, 1):
        trend = level_trend.LevelTrend()
        at = (16000000, 0)
        while not trend.differs:
            _, at = _hours(trend, 1, sign * 200, at)
        changes, at = _hours(trend, 24 * 20, sign * 43, at)  # that is allowed: the sum swings about the mark
        assert trend.differs and changes == 0
        changes, _ = _hours(trend, 24 * 30, 0, at)
        assert not trend.differs and changes == 1
