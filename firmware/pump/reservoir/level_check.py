"""Compares the level sensor with the ledger: detects a drive that makes the right steps and moves another volume.

A step counter can't see such a drive. The offset of sensor and fill doesn't matter, only how their difference changes:
two sums grow with what was withdrawn too much, or too little, and shrink by what is allowed (Page, Biometrika 41,
1954). Two more of the level alone show whether it rises or falls: a drive that moves backwards fills the reservoir.
"""

from micropython import const

_MEAN = const(32)  # readings: a sensor with 30 uL rms of noise keeps seven deviations between two means from the mark
_MARK_NL = const(40000)
_PART = const(10)  # of what was taken is allowed (D4, D5),
_DRIFT_NL = const(20)  # and this from reading to reading, once a minute: 29 uL a day for the sensor's own drift
_CLOSE_NL = const(300000)  # no drive moves so much in a minute: a larger jump is the sensor, or a syringe


class LevelCheck:
    """`over` and `under`: the level fell by more, or less, than was delivered, beyond the mark. Allocates nothing.

    `rises` and `falls`: so did the level itself.
    """

    def __init__(self) -> None:
        self._readings = 0  # up to those of a mean
        self._before_nl = 0  # level less ledger at the last reading
        self._mean_nl = 0  # of level less ledger
        self._level_nl = 0  # the mean of the level
        self._ledger_nl = 0  # at the last reading
        self._over_nl = 0  # the sums
        self._under_nl = 0
        self._risen_nl = 0
        self._fallen_nl = 0
        self.over = False
        self.under = False
        self.rises = False
        self.falls = False

    def restart(self) -> None:
        """Starts again: another content, or no sensor."""
        self._readings = self._over_nl = self._under_nl = self._risen_nl = self._fallen_nl = 0
        self.over = self.under = self.rises = self.falls = False

    def known(self) -> bool:
        """Whether the mean of the level is known."""
        return self._readings == _MEAN

    def add(self, level_nl: int, ledger_nl: int) -> None:
        """Adds a reading and the ledger at the same time."""
        difference_nl = level_nl - ledger_nl
        if self._readings and abs(difference_nl - self._before_nl) > _CLOSE_NL:
            self.restart()
        self._before_nl = difference_nl
        if not self._readings:
            self._mean_nl = difference_nl
            self._level_nl = level_nl
        mean_nl = self._mean_nl
        known = self.known()
        if not known:
            self._readings += 1
        self._mean_nl += (difference_nl - mean_nl) // self._readings
        change_nl = (level_nl - self._level_nl) // self._readings
        self._level_nl += change_nl
        if known:
            self._update(self._mean_nl - mean_nl, (self._ledger_nl - ledger_nl) // _PART + _DRIFT_NL)
            self._update_level(change_nl)
        self._ledger_nl = ledger_nl

    def _update(self, gained_nl: int, allowed_nl: int) -> None:
        self._over_nl = min(max(0, self._over_nl - gained_nl - allowed_nl), 2 * _MARK_NL)
        self._under_nl = min(max(0, self._under_nl + gained_nl - allowed_nl), 2 * _MARK_NL)
        self.over = self._over_nl > _MARK_NL
        self.under = self._under_nl > _MARK_NL

    def _update_level(self, change_nl: int) -> None:
        self._risen_nl = min(max(0, self._risen_nl + change_nl - _DRIFT_NL), 2 * _MARK_NL)
        self._fallen_nl = min(max(0, self._fallen_nl - change_nl - _DRIFT_NL), 2 * _MARK_NL)
        self.rises = self._risen_nl > _MARK_NL
        self.falls = self._fallen_nl > _MARK_NL
