"""A basal rate, and while a bolus runs its rate on top, as one even row of strokes."""

from pump.dose import schedule


class BasalBolus:
    """The bolus has a schedule of its own, which ends it with its last stroke; what the sum of both rates made due
    beyond that is given back. So at any time the strokes are the floor of basal + bolus, and afterwards the basal
    count is what it would be without the bolus (D7). A bolus that is cancelled gives back its part of a stroke as
    well, which may have been delivered already: then the basal strokes wait for it.
    """

    def __init__(self) -> None:
        self.bolus_left = 0
        self.bolus_given = 0
        self._total = schedule.Schedule()
        self._bolus = schedule.Schedule()
        self._basal_ul_day = 1
        self._bolus_ul_day = 0

    def set_stroke(self, stroke_pl: int) -> None:
        """Volume of a stroke in pL, 550,000 at most."""
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
        """The bolus is over, or is cancelled."""
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
