"""Compares the level with the ledger from day to day: finds the small dose error that level_check.py allows.

The mean of a whole day has no daily swing of the temperature and hardly any noise, so that its sum (Page, Biometrika
41, 1954) needs a mark of 15 uL only. What is found does not stop the pump: the sensor may be the cause.
"""

from micropython import const

_VALUES = const(61)  # of a minute each, in an hour
_HOURS = const(24)
_MARK_NL = const(15000)
_MARK = const(_MARK_NL * _HOURS)
# Of what was taken a sixteenth is allowed: a drive may be wrong by 5 % (GIP 1.2.1), and by 10 % it must not be (D5).
_PART = const(16)
# Or, if that is more, what a sensor may do that is calibrated to 3 % and drifts by 29 uL a day.
_SENSOR_PART = const(32)
_DRIFT_NL = const(20)  # a minute
_FARTHEST_NL = const(8000000)  # from the first value: so the sums stay below 2^30


class LevelTrend:
    """`differs`: the level fell by more, or less, than was delivered, beyond the mark. Allocates nothing.

    It ends when both sums are used up, not at the mark, about which they swing.

    It knows nothing before a day has passed. It is told the value of each minute.
    """

    def __init__(self) -> None:
        self._means = [0] * _HOURS  # of level less ledger, in each hour of the last day, less the first value
        self._hours = 0  # how many are known, up to all
        self._at = 0  # the oldest one
        self._values = 0  # of the present hour
        self._sum_nl = 0
        self._first_nl = 0
        self._ledger_nl = 0  # at the beginning of the present hour
        self._over = 0  # the sums, in 24ths of 1 nL: the mean of the day changes by a 24th of an hour's change
        self._under = 0
        self.differs = False

    def restart(self) -> None:
        """Starts again: another content, or no sensor."""
        self._hours = self._values = self._over = self._under = 0
        self.differs = False

    def add(self, difference_nl: int, ledger_nl: int) -> None:
        """Adds level less ledger, and the ledger at the same time."""
        if self._hours == 0 and self._values == 0:
            self._first_nl = difference_nl
            self._at = 0
        if self._values == 0:
            self._sum_nl = 0
            if self._hours == 0:
                self._ledger_nl = ledger_nl
        difference_nl -= self._first_nl
        if not -_FARTHEST_NL < difference_nl < _FARTHEST_NL:
            self.restart()
            return
        self._sum_nl += difference_nl
        self._values += 1
        if self._values == _VALUES:
            self._values = 0
            self._add_hour(self._sum_nl // _VALUES, self._ledger_nl - ledger_nl)
            self._ledger_nl = ledger_nl

    def _add_hour(self, mean_nl: int, taken_nl: int) -> None:
        gained = mean_nl - self._means[self._at]
        self._means[self._at] = mean_nl
        self._at = self._at + 1 if self._at + 1 < _HOURS else 0
        if self._hours < _HOURS:
            self._hours += 1
            return
        allowed_nl = max(taken_nl // _PART, taken_nl // _SENSOR_PART + _VALUES * _DRIFT_NL)
        self._over = min(max(0, self._over - gained - allowed_nl * _HOURS), 2 * _MARK)
        self._under = min(max(0, self._under + gained - allowed_nl * _HOURS), 2 * _MARK)
        mark = 0 if self.differs else _MARK
        self.differs = self._over > mark or self._under > mark
