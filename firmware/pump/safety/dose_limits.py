"""Sums of what has moved: the sliding hour and day of the dose limits, and windows beside the programme."""

from micropython import const

_PARTS = const(5)  # of a sliding span, as it is kept over a reset: what is left of the oldest of four counts whole
_SLICES = const(4)
_SLICE_MS = const(225000)  # a quarter of 15 min (D4, D5)
_SLICE_STROKES = const(5)  # a quarter of 20 strokes


class Sliding:
    """Volume of the last hour or day in buckets; the oldest counts whole until all of it is past (D8, worst timing).

    count: buckets that make up the span; one more is kept. shift: there is room again when the limit's 1 / 2^shift is
    free, so that the pump doesn't change to and fro.
    """

    def __init__(self, count: int, bucket_ms: int, shift: int) -> None:
        self._buckets = [0] * (count + 1)
        self._per_day = 86400000 // bucket_ms
        self._bucket_ms = bucket_ms
        self._shift = shift
        self._length = count // (_PARTS - 1)  # buckets of a part
        self._turned = 0  # of them, those of the newest part that are full
        self._at = 0
        self._ms = 0
        self.limit_nl = 0
        self.used_nl = 0

    def advance(self, span_ms: int) -> None:
        """Time has passed: buckets that are past by more than the span are emptied."""
        self._ms += span_ms
        while self._ms >= self._bucket_ms:
            self._ms -= self._bucket_ms
            at = self._at + 1
            if at == len(self._buckets):
                at = 0
            self._at = at
            self.used_nl -= self._buckets[at]
            self._buckets[at] = 0
            self._turned = self._turned + 1 if self._turned + 1 < self._length else 0

    def add(self, volume_nl: int) -> None:
        """This much has moved."""
        self._buckets[self._at] += volume_nl
        self.used_nl += volume_nl

    def keep(self, numbers: "list[int]", at: int, more_nl: int) -> int:
        """Puts the age of the newest part in ms and the sums of the parts in nL from this place on, the newest first
        and with so much more; returns the place behind them."""
        numbers[at] = self._turned * self._bucket_ms + self._ms
        bucket = self._at
        left = len(self._buckets)
        length = self._turned + 1
        for part in range(_PARTS):
            sum_nl = 0
            for _ in range(min(length, left)):
                sum_nl += self._buckets[bucket]  # from the end, where it is negative
                bucket -= 1
            numbers[at + 1 + part] = sum_nl
            left -= length
            length = self._length
        numbers[at + 1] += more_nl
        return at + 1 + _PARTS

    def restore(self, numbers: "list[int]", at: int) -> int:
        """Takes what `keep` has put, at power-on: each part counts as given at its end, and no time has passed since.

        The parts begin where they did before, however often the power goes: so all of them age.
        """
        self._turned = numbers[at] // self._bucket_ms
        self._ms = numbers[at] % self._bucket_ms
        bucket = self._at
        length = self._turned + 1
        for part in range(_PARTS):
            self._buckets[bucket] = numbers[at + 1 + part]
            self.used_nl += numbers[at + 1 + part]
            bucket -= length
            length = self._length
        return at + 1 + _PARTS

    def holds(self, volume_nl: int) -> bool:
        """Whether so much more stays within the limit."""
        return self.used_nl + volume_nl <= self.limit_nl

    def holds_beyond(self, volume_nl: int, ul_day: int) -> bool:
        """Whether it does so beside what this rate gives by itself in all that is counted."""
        own_nl = ul_day * 1000 // self._per_day * len(self._buckets)
        return self.used_nl + volume_nl <= self.limit_nl + own_nl

    def has_room(self) -> bool:
        """Whether enough is free to go on after the limit was met."""
        return self.used_nl + (self.limit_nl >> self._shift) <= self.limit_nl

    def room_for(self, volume_nl: int, basal_ul_day: int, bolus_ul_day: int) -> bool:
        """Whether a bolus from now on beside the basal rate stays within the limit at every later time."""
        count = len(self._buckets)
        used_nl = self.used_nl
        at = self._at
        for ahead in range(1, count + 1):
            basal_nl = basal_ul_day * ahead * 125 // self._per_day * 8 + 8  # 1000 in two factors: below 2^30
            bolus_nl = bolus_ul_day * ahead * 125 // self._per_day * 8 + 8
            if used_nl + basal_nl + min(volume_nl, bolus_nl) > self.limit_nl:
                return False
            at = at + 1 if at + 1 < count else 0
            used_nl -= self._buckets[at]
        return True


class Window:
    """What moved and what was programmed, over the longer of 15 min and 20 strokes, by quarters (D4, D5).

    At rest between two strokes both differ by less than a stroke, 5 % of the shortest window, when all is well.
    """

    def __init__(self) -> None:
        self._moved = [0] * _SLICES
        self._programmed = [0] * _SLICES
        self._at = 0
        self._ms = 0
        self._full = 0
        self.moved_pl = 0
        self.programmed_pl = 0

    def restart(self) -> None:
        """Forgets all."""
        self._full = 0
        self._ms = 0
        self.moved_pl = self.programmed_pl = 0
        for at in range(_SLICES):
            self._moved[at] = self._programmed[at] = 0

    def add(self, moved_pl: int, programmed_pl: int, span_ms: int) -> None:
        """What came, and the time that passed."""
        at = self._at
        self._moved[at] += moved_pl
        self._programmed[at] += programmed_pl
        self.moved_pl += moved_pl
        self.programmed_pl += programmed_pl
        self._ms += span_ms

    def closes(self, stroke_pl: int) -> bool:
        """Whether a quarter is over, and with it a window; `turn` follows."""
        if self._ms < _SLICE_MS or self._programmed[self._at] < _SLICE_STROKES * stroke_pl:
            return False
        if self._full < _SLICES:
            self._full += 1
        return True

    def full(self) -> bool:
        """Whether the sums are those of a whole window."""
        return self._full == _SLICES

    def turn(self) -> None:
        """The oldest quarter leaves."""
        self._ms = 0
        at = (self._at + 1) % _SLICES
        self._at = at
        self.moved_pl -= self._moved[at]
        self.programmed_pl -= self._programmed[at]
        self._moved[at] = self._programmed[at] = 0
