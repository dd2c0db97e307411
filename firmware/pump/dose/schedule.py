"""When strokes are due at one rate: an exact rational schedule, without rounding over any time."""

from micropython import const

_PER_PL = const(864)  # tenths of uL*ms/day in 1 pL: a day is 86,400,000 ms, 1 uL is 1,000,000 pL


class Schedule:
    """Strokes at one rate.

    Volume falls due at `rate` and a stroke takes `stroke` of it, both in tenths of uL*ms/day. `owed` strokes are due
    and not given yet, `credit` is the part of a stroke that is due beside them; below nothing it is what was given too
    early. As the due times are the ceiling of k * stroke / rate, the number of strokes by a time t is the floor of
    rate * t / stroke, to the last one. All numbers stay below 2^30 for strokes up to 0.55 uL (0.5 uL and the trim).
    """

    def __init__(self) -> None:
        self.credit = 0
        self.owed = 0
        self._stroke = 1
        self._rate = 1
        self._period_ms = 1

    def set_stroke(self, stroke_pl: int) -> None:
        """Volume of a stroke in pL, 550,000 at most; what is due is a volume and stays."""
        owed = self.owed
        old = self._stroke
        self.owed = 0
        self._stroke = stroke_pl * _PER_PL
        self._period_ms = self._stroke // self._rate
        self._carry()
        for _ in range(owed):
            self.credit += old
            self._carry()

    def set_rate(self, ul_day: int) -> None:
        """Rate in uL/day, 50 to 24,000; `advance` to the moment of the change comes first."""
        self._rate = ul_day * 10
        self._period_ms = self._stroke // self._rate

    def period_ms(self) -> int:
        """Time between strokes, rounded down."""
        return self._period_ms

    def wait_ms(self) -> int:
        """Time from the last `advance` to the next stroke."""
        if self.owed:
            return 0
        return (self._stroke - self.credit + self._rate - 1) // self._rate

    def advance(self, span_ms: int) -> None:
        """Time has passed, however long: what fell due in it is added."""
        period_ms = self._period_ms
        while span_ms > period_ms:
            span_ms -= period_ms
            self.credit += self._rate * period_ms
            self._carry()
        self.credit += self._rate * span_ms
        self._carry()

    def take(self) -> None:
        """A stroke that was owed is given."""
        self.owed -= 1

    def give_back(self, volume: int) -> None:
        """This much, less than a stroke and in the unit of the credit, is not due after all."""
        self.credit -= volume
        if self.credit < 0 and self.owed:
            self.owed -= 1
            self.credit += self._stroke

    def clear(self) -> None:
        """Nothing is due any more; what was given too early stays known."""
        self.owed = 0
        if self.credit > 0:
            self.credit = 0

    def lacking(self, span_ms: int, less: int) -> int:
        """What would lack to a stroke so much later, had `less` been given back."""
        return self._stroke - self.credit - self._rate * span_ms + less

    def excess(self, span_ms: int) -> int:
        """By how much the stroke that is due after this wait would be exceeded."""
        return -self.lacking(span_ms, 0)

    def _carry(self) -> None:
        while self.credit >= self._stroke:
            self.credit -= self._stroke
            self.owed += 1
