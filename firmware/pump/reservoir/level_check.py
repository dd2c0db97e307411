"""Holds what the reservoir loses, by its level sensor, against the ledger: a drive that gives too much by right steps.

No counter of steps sees such a drive. The offset of sensor and fill doesn't matter here, only how their difference
moves: two sums go up with what is lost too much, or too little, and steadily down by what is allowed (Page, Biometrika
41, 1954).
"""

from micropython import const

_MEAN = const(32)  # readings: a sensor with 30 uL rms of noise keeps seven deviations between two means from the mark
_MARK_NL = const(40000)
_PART = const(10)  # of what was taken is allowed (D4, D5),
_DRIFT_NL = const(20)  # and this from look to look, once a minute: 29 uL a day for the sensor's own drift
_CLOSE_NL = const(300000)  # no drive gives so much in a minute: what jumps further is the sensor, or a syringe


class Drawdown:
    """`over` and `under`: more, or less, was lost than was taken, beyond the mark. Allocates nothing."""

    def __init__(self) -> None:
        self._readings = 0
        self._before_nl = 0
        self._mean_nl = 0
        self._ledger_nl = 0
        self._over_nl = 0
        self._under_nl = 0
        self.over = False
        self.under = False

    def restart(self) -> None:
        """Forgets all: another content, or no sensor."""
        self._readings = self._over_nl = self._under_nl = 0
        self.over = self.under = False

    def add(self, level_nl: int, ledger_nl: int) -> None:
        """Takes in a reading and what the ledger says."""
        difference_nl = level_nl - ledger_nl
        if self._readings and abs(difference_nl - self._before_nl) > _CLOSE_NL:
            self.restart()
        self._before_nl = difference_nl
        if not self._readings:
            self._mean_nl = difference_nl
        mean_nl = self._mean_nl
        known = self._readings == _MEAN
        if not known:
            self._readings += 1
        self._mean_nl += (difference_nl - mean_nl) // self._readings
        if known:
            self._judge(self._mean_nl - mean_nl, (self._ledger_nl - ledger_nl) // _PART + _DRIFT_NL)
        self._ledger_nl = ledger_nl

    def _judge(self, gained_nl: int, allowed_nl: int) -> None:
        self._over_nl = min(max(0, self._over_nl - gained_nl - allowed_nl), 2 * _MARK_NL)
        self._under_nl = min(max(0, self._under_nl + gained_nl - allowed_nl), 2 * _MARK_NL)
        self.over = self._over_nl > _MARK_NL
        self.under = self._under_nl > _MARK_NL
