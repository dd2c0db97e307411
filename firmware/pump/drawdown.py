"""Holds what the reservoir loses, by its level sensor, against the ledger: a drive that gives too much by right steps.

No counter of steps sees such a drive. The offset of sensor and fill doesn't matter here, only how their difference moves
in a day, so that far less is found than by the two volumes themselves (V2).
"""

from micropython import const

_READINGS = const(16)  # in a mean: a sensor with 30 uL rms of noise keeps nine deviations from the allowance
_MEANS = const(90)  # a day of looks once a minute, then the comparison begins anew
_ALLOWANCE_NL = const(100000)
_PART = const(10)  # of what was taken (D4, D5)
_CLOSE_NL = const(300000)  # no drive gives so much in a minute: what jumps further is the sensor, or a syringe
_MOST_NL = const(8000000)  # of a reading, so that the sum stays below 2^30


class Drawdown:
    """`over` and `under` say what the last mean showed against the first: more, or less, was lost than was taken."""

    def __init__(self) -> None:
        self._base_nl = 0  # difference of level and ledger at the first reading
        self._before_nl = 0
        self._sum_nl = 0
        self._readings = 0
        self._means = 0
        self._first_nl = 0
        self._first_ledger_nl = 0
        self._empty = True
        self.over = False
        self.under = False

    def restart(self) -> None:
        """Forgets all: another content, or no sensor."""
        self._empty = True
        self.over = self.under = False

    def add(self, level_nl: int, ledger_nl: int) -> None:
        """Takes in a reading and what the ledger says."""
        difference_nl = level_nl - ledger_nl
        if not self._empty and abs(difference_nl - self._before_nl) > _CLOSE_NL:
            self.restart()
        self._before_nl = difference_nl
        if self._empty:
            self._begin(difference_nl)
        self._sum_nl += max(-_MOST_NL, min(difference_nl - self._base_nl, _MOST_NL))
        self._readings += 1
        if self._readings == _READINGS:
            self._judge(self._sum_nl // _READINGS, ledger_nl)
            self._sum_nl = self._readings = 0

    def _begin(self, difference_nl: int) -> None:
        self._empty = False
        self._base_nl = difference_nl
        self._sum_nl = self._readings = self._means = 0

    def _judge(self, mean_nl: int, ledger_nl: int) -> None:
        if self._means:
            lost_nl = self._first_nl - mean_nl  # beyond the ledger
            allowed_nl = _ALLOWANCE_NL + (self._first_ledger_nl - ledger_nl) // _PART
            self.over = lost_nl > allowed_nl
            self.under = -lost_nl > allowed_nl
        if self._means % _MEANS == 0:
            self._first_nl = mean_nl
            self._first_ledger_nl = ledger_nl
        self._means += 1
