"""Compares the level with the ledger from minute to minute: free flow, and a drive that moves another volume.

A step counter can see neither. The offset of sensor and fill doesn't matter, only how their difference changes: two
sums grow with what was withdrawn too much, or too little, and shrink by what is allowed (Page, Biometrika 41, 1954).
Two more of the level alone show whether it rises or falls: a drive that moves backwards fills the reservoir.
"""

from micropython import const

# Values of a minute. The marks are above what a model of the sensor shows in 20 years without a fault (docs/level.md).
_MEAN = const(24)
_KNOWN = const(8)
_MARK_NL = const(15000)
_LEVEL_MARK_NL = const(40000)  # of the level alone, from which the swing of a day is not subtracted
_PART = const(10)  # of what was taken is allowed (D4, D5),
_DRIFT_NL = const(20)  # and this from value to value: 29 uL a day for the sensor's own drift;
_LEAST_NL = const(80)  # in any case this, for the temperature: a quarter of a free flow of 5 nL/s (294 nL)
_CLOSE_NL = const(300000)  # no drive moves so much in a minute: a larger jump is the sensor, or a syringe
_MOST_NL = const(0x10000000)


class LevelCheck:
    """`over` and `under`: the level fell by more, or less, than was delivered, beyond the mark. Allocates nothing.

    Each ends when its sum is used up, not at the mark, about which it swings.

    `free`: it is `over`, by more than was delivered at all since then: no drive moves twice the volume of its strokes,
    the fluid flows by itself. `rises` and `falls`: so did the level itself.
    """

    def __init__(self) -> None:
        self._values = 0  # up to those of a mean
        self._before_nl = 0  # level less ledger at the last value
        self._mean_nl = 0  # of level less ledger
        self._level_nl = 0  # the mean of the level
        self._ledger_nl = 0  # at the last value
        self._over_nl = 0  # the sums
        self._under_nl = 0
        self._risen_nl = 0
        self._fallen_nl = 0
        self._excess_nl = 0  # what the level lost more than was taken, since `over` last was nothing
        self._taken_nl = 0  # and what was taken
        self.over = False
        self.free = False
        self.under = False
        self.rises = False
        self.falls = False

    def restart(self) -> None:
        """Starts again: another content, or no sensor."""
        self._values = self._over_nl = self._under_nl = self._risen_nl = self._fallen_nl = 0
        self._excess_nl = self._taken_nl = 0
        self.over = self.free = self.under = self.rises = self.falls = False

    def known(self) -> bool:
        """Whether the mean of the level is known."""
        return self._values >= _KNOWN

    def add(self, level_nl: int, ledger_nl: int) -> None:
        """Adds the value of a minute and the ledger at the same time."""
        difference_nl = level_nl - ledger_nl
        if self._values and abs(difference_nl - self._before_nl) > _CLOSE_NL:
            self.restart()
        self._before_nl = difference_nl
        if not self._values:
            self._mean_nl = difference_nl
            self._level_nl = level_nl
        mean_nl = self._mean_nl
        known = self.known()
        if self._values < _MEAN:
            self._values += 1
        self._mean_nl += (difference_nl - mean_nl) // self._values
        change_nl = (level_nl - self._level_nl) // self._values
        self._level_nl += change_nl
        if known:
            self._update(self._mean_nl - mean_nl, self._ledger_nl - ledger_nl)
            self._update_level(change_nl)
        self._ledger_nl = ledger_nl

    def _update(self, gained_nl: int, taken_nl: int) -> None:
        allowed_nl = max(taken_nl // _PART + _DRIFT_NL, _LEAST_NL)
        self._over_nl = min(max(0, self._over_nl - gained_nl - allowed_nl), 2 * _MARK_NL)
        self._under_nl = min(max(0, self._under_nl + gained_nl - allowed_nl), 2 * _MARK_NL)
        if self._over_nl:
            self._excess_nl = min(self._excess_nl - gained_nl, _MOST_NL)
            self._taken_nl = min(self._taken_nl + taken_nl, _MOST_NL)
        else:
            self._excess_nl = self._taken_nl = 0
        self.over = self._over_nl > (0 if self.over else _MARK_NL)
        self.free = self.over and self._excess_nl > self._taken_nl
        self.under = self._under_nl > (0 if self.under else _MARK_NL)

    def _update_level(self, change_nl: int) -> None:
        self._risen_nl = min(max(0, self._risen_nl + change_nl - _DRIFT_NL), 2 * _LEVEL_MARK_NL)
        self._fallen_nl = min(max(0, self._fallen_nl - change_nl - _DRIFT_NL), 2 * _LEVEL_MARK_NL)
        self.rises = self._risen_nl > _LEVEL_MARK_NL
        self.falls = self._fallen_nl > _LEVEL_MARK_NL
