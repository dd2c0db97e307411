"""A pressure that changes slowly: a list of straight lines, each with its length in time and its level at the end."""

_SHORT_MS = 250  # interval of a fast change
_LONG_MS = 1000
_FAST_PA_S = 100


class Course:
    """`level_pa` goes straight from one level to the next. After the last one it stays."""

    def __init__(self) -> None:
        self.level_pa = 0
        self._stages: "list[tuple[int, int]]" = []
        self._repeats = False
        self._at = 0
        self._from_pa = 0
        self._passed_ms = 0

    def start(self, stages: "list[tuple[int, int]]", repeats: bool = False) -> None:
        """Begins at the present level. A stage is (ms, level in Pa at its end). Replaces what is under way."""
        self._stages = stages
        self._repeats = repeats
        self._at = 0
        self._begin()

    def _begin(self) -> None:
        self._from_pa = self.level_pa
        self._passed_ms = 0

    def is_moving(self) -> bool:
        return self._at < len(self._stages)

    def interval_ms(self) -> int:
        """How long the level may be regarded as constant; 0 when nothing moves."""
        if self._at >= len(self._stages):
            return 0
        span_ms, to_pa = self._stages[self._at]
        left_ms = span_ms - self._passed_ms
        if to_pa == self._from_pa:
            return left_ms
        slope_pa_s = abs(to_pa - self._from_pa) * 1000 // span_ms
        return min(left_ms, _SHORT_MS if slope_pa_s > _FAST_PA_S else _LONG_MS)

    def advance(self, dt_ms: int) -> None:
        """Lets time pass."""
        while dt_ms and self._at < len(self._stages):
            span_ms, to_pa = self._stages[self._at]
            piece_ms = min(dt_ms, span_ms - self._passed_ms)
            self._passed_ms += piece_ms
            dt_ms -= piece_ms
            # Seconds' fractions in 2^-10 keep the product within 30 bits.
            part = (self._passed_ms << 10) // span_ms if span_ms < 1000000 else self._passed_ms // (span_ms >> 10)
            self.level_pa = self._from_pa + ((to_pa - self._from_pa) * min(part, 1024) >> 10)
            if self._passed_ms >= span_ms:
                self.level_pa = to_pa
                self._at += 1
                if self._repeats and self._at == len(self._stages):
                    self._at = 0
                self._begin()
