"""One debounce for all faults of sensors and limits: a fault counts after several readings, and ends after several."""

from micropython import const

TYPE_CHECKING = const(False)

_LIMIT = const(0)
_BAD = const(1)
_GOOD = const(2)
_CLEAR = const(3)

# A sensor that fails: three bad readings in a row, or more bad ones than a third of many. It is trusted again after
# 16 good readings in a row: one that fails every other time would otherwise make its alarm come and go (A6).
SENSOR = (6, 2, 1, 16)


class Debounce:
    """`active` while the fault counts; `score` is 0 at rest without a fault. Allocates nothing.

    The rule is (limit, bad, good, clear): while inactive a bad reading adds `bad` to the score and a good one
    subtracts `good`; at `limit` the fault is active, and ends after `clear` good readings in a row.
    """

    def __init__(self, rule: "tuple[int, int, int, int]") -> None:
        self._rule = rule
        self.active = False
        self.score = 0

    def update(self, bad: bool) -> bool:
        """Adds a reading; returns `active`."""
        if not (bad or self.score):
            return False  # as nearly always
        rule = self._rule
        if self.active:
            self.score = rule[_CLEAR] if bad else self.score - 1
            self.active = self.score > 0
        elif bad:
            self.score += rule[_BAD]
            if self.score >= rule[_LIMIT]:
                self.activate()
        else:
            self.score = max(0, self.score - rule[_GOOD])
        return self.active

    def activate(self) -> None:
        """The fault counts at once."""
        self.active = True
        self.score = self._rule[_CLEAR]

    def restart(self) -> None:
        """The next reading is not in a row with those before it."""
        self.score = self._rule[_CLEAR] if self.active else 0

    def clear(self) -> None:
        """No fault, and no reading counts."""
        self.active = False
        self.score = 0

    def changing(self) -> bool:
        """Whether a change has begun that the next readings will decide."""
        return self.score != (self._rule[_CLEAR] if self.active else 0)
