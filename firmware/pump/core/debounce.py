"""Whether a sensor can be believed: bad readings weigh more than good ones, so one that comes and goes is found."""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions

_BAD = const(2)
_BLIND = const(6)  # three bad readings in a row, or more bad ones than a third of many
# Good readings in a row that win the belief back: one that fails every other time doesn't, or its alarm would come and
# go until it stopped the dose (A6).
_WELL = const(16)


class Trust:
    """Keeps one note: set while the sensor is not believed. Allocates nothing."""

    def __init__(self, conditions: "conditions.Conditions", note: int) -> None:
        self._conditions = conditions
        self._note = note
        self._score = 0
        self.lost = False

    def take(self, good: bool) -> None:
        """Takes in whether a reading was usable."""
        if good:
            self._score = max(0, self._score - 1)
        elif self.lost:
            self._score = _WELL
        else:
            self._score += _BAD
        if self._score == 0:
            self.lost = False
        elif not self.lost and self._score >= _BLIND:
            self.lost = True
            self._score = _WELL
        self._conditions.note(self._note, self.lost)
