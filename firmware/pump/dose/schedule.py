"""Says when strokes are due, without rounding, for ever: at a rate, and at a basal rate with a bolus on top."""

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


class Blend:
    """A basal rate, and while a bolus runs its rate on top, as one even row of strokes.

    The bolus has a schedule of its own, which ends it with its last stroke; what the sum of both rates made due beyond
    that is given back. So by any time the strokes are the floor of basal + bolus, and afterwards the basal count is
    what it would be without the bolus (D7). A bolus that is broken off gives back its part of a stroke as well, which
    may have been given already: then the basal strokes wait for it.
    """

    def __init__(self) -> None:
        self.bolus_left = 0
        self.bolus_given = 0
        self._total = Schedule()
        self._bolus = Schedule()
        self._basal_ul_day = 1
        self._bolus_ul_day = 0

    def set_stroke(self, stroke_pl: int) -> None:
        """As a schedule's."""
        self._total.set_stroke(stroke_pl)
        self._bolus.set_stroke(stroke_pl)

    def set_basal(self, ul_day: int) -> None:
        """The basal rate in uL/day; a bolus goes on at its own."""
        self._basal_ul_day = ul_day
        self._total.set_rate(ul_day + self._bolus_ul_day)

    def flow_ul_day(self) -> int:
        """Basal rate and bolus together."""
        return self._basal_ul_day + self._bolus_ul_day

    def begin_bolus(self, strokes: int, ul_day: int) -> None:
        """So many strokes at this rate, on top."""
        self._bolus.clear()
        self._bolus.set_rate(ul_day)
        self.bolus_left = strokes
        self.bolus_given = 0
        self._bolus_ul_day = ul_day
        self._total.set_rate(self._basal_ul_day + ul_day)

    def end_bolus(self) -> None:
        """The bolus is over, or is broken off."""
        self._total.give_back(self._bolus.credit)
        self._bolus.credit = 0
        self.bolus_left = 0
        self._bolus_ul_day = 0
        self._total.set_rate(self._basal_ul_day)

    def period_ms(self) -> int:
        """Time between strokes at the present flow, rounded down."""
        return self._total.period_ms()

    def wait_ms(self) -> int:
        """Time from the last `advance` to the next stroke, also where the bolus ends before it."""
        total = self._total
        wait_ms = total.wait_ms()
        end_ms = self.end_ms()
        if not 0 <= end_ms <= wait_ms or total.owed:
            return wait_ms
        basal = self._basal_ul_day * 10
        lacking = total.lacking(end_ms, self._bolus.excess(end_ms))
        return end_ms if lacking <= 0 else end_ms + (lacking + basal - 1) // basal

    def end_ms(self) -> int:
        """Time to the end of the bolus when only its last stroke is left, -1 otherwise."""
        return self._bolus.wait_ms() if self.bolus_left == 1 else -1

    def advance(self, span_ms: int) -> None:
        """Time has passed: what fell due in it is added, and the bolus ends at its time."""
        total = self._total
        bolus = self._bolus
        while self.bolus_left:
            wait_ms = bolus.wait_ms()
            if wait_ms > span_ms:
                bolus.advance(span_ms)
                break
            total.advance(wait_ms)
            bolus.advance(wait_ms)
            bolus.take()
            span_ms -= wait_ms
            self.bolus_given += 1
            self.bolus_left -= 1
            if not self.bolus_left:
                self.end_bolus()
        total.advance(span_ms)

    def owed(self) -> int:
        """Strokes that are due and not given yet."""
        return self._total.owed

    def take(self) -> None:
        """A stroke that was owed is given."""
        self._total.take()

    def clear(self) -> None:
        """Nothing is due any more."""
        self._total.clear()
