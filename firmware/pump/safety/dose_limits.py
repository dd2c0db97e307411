"""The dose limits: sliding sums of an hour and a day of what has moved (D8)."""

from micropython import const

from pump import defs

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions

_NO_LIMIT_NL = const(0x3FFFFFFF)
_STROKES_NL = const(1100)  # the stroke under way and the next, 0.5 uL and the trim each
_PARTS = const(5)  # of a sliding span that are saved over a reset: four quarters, and what is left of a fifth


class DoseLimits:
    """The limits of the hour and the day. `room_for` and `allows` are asked before; `add` counts what moved.

    Each is the parameter's, or what the programme can need if that is less. Whatever moves forward counts, the
    keep-open rate and primes too, and nothing passes a limit. A part of each is left to the keep-open rate, so that the
    line does not clot (D6). `keep_open_ul_day` is that rate: the parameter's, or what a third of each limit gives.
    """

    def __init__(self, conditions: "conditions.Conditions") -> None:
        self._conditions = conditions
        self._hour = Sliding(60, 60000, 1)
        self._day = Sliding(96, 900000, 3)
        self._asked_keep_open_ul_day = 0
        self._basal_ul_day = 0  # the fastest basal rate of the programme
        self.keep_open_ul_day = 0
        self._rest_pl = 0  # of what moved: what is below 1 nL
        self._passed_ms = 0  # not yet in the sums
        self._left_ms = 0  # until a bucket of either ends, counted from the last time that they were told

    def configure(self, hour_limit_nl: int, day_limit_nl: int, keep_open_ul_day: int) -> None:
        """The limits as parameters, and the keep-open rate."""
        self._hour.limit(hour_limit_nl)
        self._day.limit(day_limit_nl)
        self._asked_keep_open_ul_day = keep_open_ul_day
        self._reserve()

    def programme(self, basal_ul_day: int, hour_nl: int, day_nl: int) -> None:
        """The fastest basal rate of the programme, and what the programme can need in an hour and in a day."""
        self._basal_ul_day = basal_ul_day
        self._hour.follow(hour_nl, basal_ul_day)
        self._day.follow(day_nl, basal_ul_day)
        self._reserve()

    def _reserve(self) -> None:
        keep_open_ul_day = min(self._asked_keep_open_ul_day, self._hour.third_ul_day(), self._day.third_ul_day())
        self.keep_open_ul_day = keep_open_ul_day
        self._hour.reserve(self._basal_ul_day, keep_open_ul_day)
        self._day.reserve(self._basal_ul_day, keep_open_ul_day)

    def allows(self, volume_pl: int, under_way_nl: int, rate_ul_day: int) -> bool:
        """Whether a stroke may be given; False at a limit (D8), which sets BIT_DOSE_LIMITED."""
        volume_nl = (volume_pl + self._rest_pl + 999) // 1000 + under_way_nl
        basal = rate_ul_day <= self._basal_ul_day
        more = rate_ul_day > self.keep_open_ul_day
        if self._hour.holds(volume_nl, basal, more) and self._day.holds(volume_nl, basal, more):
            return True
        self._conditions.set(defs.BIT_DOSE_LIMITED)
        return False

    def room_for(self, volume_nl: int, basal_ul_day: int, bolus_ul_day: int) -> bool:
        """Whether a bolus on top of the basal rate would stay within the limits, in the worst case."""
        hour = self._hour.room_for(volume_nl, basal_ul_day, bolus_ul_day)
        return hour and self._day.room_for(volume_nl, basal_ul_day, bolus_ul_day)

    def evaluate(self) -> None:
        """Clears BIT_DOSE_LIMITED, which is set, when both limits allow strokes again."""
        if self._hour.has_room() and self._day.has_room():
            self._conditions.clear(defs.BIT_DOSE_LIMITED)

    def add(self, volume_pl: int) -> None:
        """So much has moved."""
        pl = self._rest_pl + volume_pl
        nl = pl // 1000
        self._hour.add(nl)
        self._day.add(nl)
        self._rest_pl = pl - nl * 1000

    def given(self, volume_nl: int) -> None:
        """So much was made, or may have been, after the numbers were saved."""
        self._hour.add(volume_nl)
        self._day.add(volume_nl)

    def advance(self, span_ms: int) -> None:
        """Time has passed; the sums are told when a bucket ends."""
        self._passed_ms += span_ms
        if self._passed_ms >= self._left_ms:
            self._take_in()

    def _take_in(self) -> None:
        self._hour.advance(self._passed_ms)
        self._day.advance(self._passed_ms)
        self._passed_ms = 0
        self._left_ms = min(self._hour.left_ms(), self._day.left_ms())

    def hour_nl(self) -> int:
        """Volume that counts against the limit of the hour."""
        return self._hour.used_nl

    def day_nl(self) -> int:
        """Volume that counts against the limit of the day."""
        return self._day.used_nl

    def hour_limit_nl(self) -> int:
        """The limit of the hour."""
        return self._hour.limit_nl

    def day_limit_nl(self) -> int:
        """The limit of the day."""
        return self._day.limit_nl

    def save_to(self, numbers: "list[int]", at: int, under_way_nl: int) -> int:
        """Puts the sums from this place on, with a stroke under way; returns the place after them."""
        self._take_in()
        return self._day.save_to(numbers, self._hour.save_to(numbers, at, under_way_nl), under_way_nl)

    def load_from(self, numbers: "list[int]", at: int) -> int:
        """Takes what `save_to` has put."""
        self._left_ms = 0
        return self._day.load_from(numbers, self._hour.load_from(numbers, at))


class Sliding:
    """Volume of the last hour or day in buckets; the oldest counts in full until all of it is past (D8, worst timing).

    count: buckets that make up the span; there is one more. shift: there is room again when the limit's 1 / 2^shift is
    free, so that the pump doesn't switch to and fro.

    `limit_nl` is the lower of the parameter's and the programme's. When the programme changes, what was given before
    must not hold the new basal rate up: for one span it may give its own volume on top, within the parameter's limit.
    """

    def __init__(self, count: int, bucket_ms: int, shift: int) -> None:
        self._buckets = [0] * (count + 1)  # nL
        self._per_day = 86400000 // bucket_ms
        self._bucket_ms = bucket_ms
        self._shift = shift
        self._length = count // (_PARTS - 1)  # buckets of a part
        self._turned = 0  # of them, those of the newest part that are full
        self._at = 0  # the present bucket
        self._ms = 0  # its age
        self._most_nl = 0  # the parameter
        self._need_nl = _NO_LIMIT_NL  # of the programme
        self._basal_nl = 0  # the limit of the basal rate while `_held` buckets of the span are left
        self._held = 0
        self._kept_nl = 0  # of each limit, for the keep-open rate
        self.limit_nl = 0
        self.used_nl = 0

    def limit(self, most_nl: int) -> None:
        """The parameter."""
        self._most_nl = most_nl
        self.limit_nl = min(most_nl, self._need_nl)

    def follow(self, need_nl: int, basal_ul_day: int) -> None:
        """What the programme can need, and its fastest basal rate."""
        if need_nl == self._need_nl:
            return
        self._need_nl = need_nl
        self._held = len(self._buckets)
        self._basal_nl = self.used_nl + self.own_nl(basal_ul_day) * 3 // 2  # as much more as in dose_need
        self.limit(self._most_nl)

    def reserve(self, basal_ul_day: int, keep_open_ul_day: int) -> None:
        """Leaves the keep-open rate its own volume, but takes nothing from a basal rate that the limit just holds.

        Over resets that rate counts for up to a third more: for a quarter of the span, and for the parts' own ends.
        """
        own_nl = self.own_nl(basal_ul_day)
        kept_nl = self.own_nl(keep_open_ul_day)
        if own_nl <= self.limit_nl:
            kept_nl = max(0, min(kept_nl, self.limit_nl - own_nl * 4 // 3 - _STROKES_NL))
        self._kept_nl = kept_nl

    def own_nl(self, ul_day: int) -> int:
        """What a rate gives by itself in all that is counted."""
        return (ul_day * 125 * len(self._buckets) + self._per_day - 1) // self._per_day * 8  # 1000 in two factors

    def third_ul_day(self) -> int:
        """The rate whose own volume is a third of the limit: it leaves the limit again, see `has_room`."""
        return self.limit_nl // 3 // len(self._buckets) * self._per_day // 1000

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
            if self._held:
                self._held -= 1

    def left_ms(self) -> int:
        """Time until the present bucket ends."""
        return self._bucket_ms - self._ms

    def add(self, volume_nl: int) -> None:
        """This much has moved."""
        self._buckets[self._at] += volume_nl
        self.used_nl += volume_nl

    def save_to(self, numbers: "list[int]", at: int, more_nl: int) -> int:
        """Puts the age of the newest part in ms and the sums of the parts in nL from this place on, the newest first
        and with so much more; returns the place behind them."""
        numbers[at] = self._turned * self._bucket_ms + self._ms
        buckets = self._buckets
        bucket = self._at
        left = len(buckets)
        length = self._turned + 1
        for part in range(_PARTS):
            sum_nl = 0
            for _ in range(min(length, left)):
                sum_nl += buckets[bucket]  # from the end, where it is negative
                bucket -= 1
            numbers[at + 1 + part] = sum_nl
            left -= length
            length = self._length
        numbers[at + 1] += more_nl
        return at + 1 + _PARTS

    def load_from(self, numbers: "list[int]", at: int) -> int:
        """Takes what `save_to` has put, at power-on: each part counts as given at its end, and no time has passed.

        The parts begin where they did before, however often the power fails: so all of them age.
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

    def holds(self, volume_nl: int, basal: bool, more: bool) -> bool:
        """Whether so much more stays within the limit: `basal` without a bolus, `more` than the keep-open rate."""
        limit_nl = self._limit_nl(basal)
        return self.used_nl + volume_nl <= (limit_nl - self._kept_nl if more else limit_nl)

    def _limit_nl(self, basal: bool) -> int:
        if basal and self._held:
            return max(self.limit_nl, min(self._basal_nl, self._most_nl))
        return self.limit_nl

    def has_room(self) -> bool:
        """Whether enough is free to go on with the basal rate after the limit was met."""
        free_nl = self._limit_nl(True) - self._kept_nl
        return self.used_nl + (free_nl >> self._shift) <= free_nl

    def room_for(self, volume_nl: int, basal_ul_day: int, bolus_ul_day: int) -> bool:
        """Whether a bolus from now on beside the basal rate stays within the limit at every later time."""
        count = len(self._buckets)
        used_nl = self.used_nl
        at = self._at
        for ahead in range(1, count + 1):
            basal_nl = basal_ul_day * ahead * 125 // self._per_day * 8 + 8  # 1000 in two factors: below 2^30
            bolus_nl = bolus_ul_day * ahead * 125 // self._per_day * 8 + 8
            if used_nl + basal_nl + min(volume_nl, bolus_nl) > self.limit_nl - self._kept_nl:
                return False
            at = at + 1 if at + 1 < count else 0
            used_nl -= self._buckets[at]
        return True
