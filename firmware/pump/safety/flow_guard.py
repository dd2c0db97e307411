"""Compares what has moved with the programme over windows of time: over- and under-infusion (D4, D5)."""

from micropython import const

from pump import defs

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions

_SLICES = const(4)
_SLICE_MS = const(225000)  # a quarter of 15 min (D4, D5)
_SLICE_STROKES = const(5)  # a quarter of 20 strokes
_LONGEST_MS = const(8000)  # of time in one sum: 24,000 uL/day * 8000 ms * 5 is below 2^30


class FlowGuard:
    """`rate_ul_day` is the programme as it was last told, 0 at rest."""

    def __init__(self, conditions: "conditions.Conditions") -> None:
        self._conditions = conditions
        self._over = Window()
        self._under = Window()
        self._rest = 0  # of the programmed volume: what is below 1 pL, in 432ths
        self._passed_ms = 0  # at the present programme, not yet in the windows
        self.rate_ul_day = 0

    def rate(self, ul_day: int) -> None:
        """The programme from now on."""
        self._take_in()
        self.rate_ul_day = ul_day
        self._under.restart()

    def advance(self, span_ms: int) -> None:
        """Time has passed at the present programme."""
        if self.rate_ul_day:
            self._passed_ms += span_ms

    def _take_in(self) -> None:
        """Adds the time that has passed to the windows."""
        span_ms = self._passed_ms
        self._passed_ms = 0
        while span_ms > 0:
            part_ms = min(span_ms, _LONGEST_MS)
            span_ms -= part_ms
            due = self.rate_ul_day * part_ms * 5 + self._rest  # 1 pL is 86.4 uL*ms/day
            self._rest = due % 432
            self._over.add(0, due // 432, part_ms)
            self._under.add(0, due // 432, part_ms)

    def add(self, volume_pl: int) -> None:
        """So much has moved."""
        self._take_in()
        self._over.add(volume_pl, 0, 0)
        self._under.add(volume_pl, 0, 0)

    def evaluate(self, at_rest: bool, stroke_pl: int) -> None:
        """Sets or clears the conditions at the end of a window; only between two strokes (at_rest)."""
        if not self.rate_ul_day:
            self._end()
        elif at_rest and max(self._over.age_ms, self._under.age_ms) + self._passed_ms >= _SLICE_MS:
            self._take_in()
            self._evaluate_over(stroke_pl)
            self._evaluate_under(stroke_pl)

    def _end(self) -> None:
        """Nothing is programmed: neither is found."""
        if self._conditions.has(defs.BIT_OVER_INFUSION):
            self._conditions.clear(defs.BIT_OVER_INFUSION)
            self._over.restart()
        self._conditions.note(defs.NOTE_UNDER_INFUSION, False)

    def _evaluate_over(self, stroke_pl: int) -> None:
        over = self._over
        if over.closes(stroke_pl):
            if over.full() and over.moved_pl > over.programmed_pl + over.programmed_pl // 10:
                self._conditions.set(defs.BIT_OVER_INFUSION)
            over.turn()

    def _evaluate_under(self, stroke_pl: int) -> None:
        under = self._under
        if under.closes(stroke_pl):
            if under.full():
                # 19 of 20 strokes end it, 18 begin it: one more or less in a window must not do both.
                part = 16 if self._conditions.noted(defs.NOTE_UNDER_INFUSION) else 10
                least_pl = under.programmed_pl - under.programmed_pl // part
                self._conditions.note(defs.NOTE_UNDER_INFUSION, under.moved_pl < least_pl)
            under.turn()


class Window:
    """What moved and what was programmed, over the longer of 15 min and 20 strokes, by quarters (D4, D5).

    At rest between two strokes both differ by less than a stroke, 5 % of the shortest window, when all is well.
    """

    def __init__(self) -> None:
        self._moved = [0] * _SLICES  # pL of each quarter
        self._programmed = [0] * _SLICES  # pL of each quarter
        self._at = 0  # the present quarter
        self.age_ms = 0  # of the present quarter
        self._full = 0  # quarters that are complete
        self.moved_pl = 0
        self.programmed_pl = 0

    def restart(self) -> None:
        """Starts again."""
        self._full = 0
        self.age_ms = 0
        self.moved_pl = self.programmed_pl = 0
        for at in range(_SLICES):
            self._moved[at] = self._programmed[at] = 0

    def add(self, moved_pl: int, programmed_pl: int, span_ms: int) -> None:
        """Adds what moved, what was programmed, and the time that passed."""
        at = self._at
        self._moved[at] += moved_pl
        self._programmed[at] += programmed_pl
        self.moved_pl += moved_pl
        self.programmed_pl += programmed_pl
        self.age_ms += span_ms

    def closes(self, stroke_pl: int) -> bool:
        """Whether a quarter is over, and with it a window; `turn` follows."""
        if self.age_ms < _SLICE_MS or self._programmed[self._at] < _SLICE_STROKES * stroke_pl:
            return False
        if self._full < _SLICES:
            self._full += 1
        return True

    def full(self) -> bool:
        """Whether the sums are those of a whole window."""
        return self._full == _SLICES

    def turn(self) -> None:
        """Drops the oldest quarter."""
        self.age_ms = 0
        at = (self._at + 1) % _SLICES
        self._at = at
        self.moved_pl -= self._moved[at]
        self.programmed_pl -= self._programmed[at]
        self._moved[at] = self._programmed[at] = 0
