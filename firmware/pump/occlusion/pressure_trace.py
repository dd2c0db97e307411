"""Records the pressure samples around the last strokes, and freezes them at an alarm of the line (O6)."""

from micropython import const

_STROKES = const(16)
_SAMPLES = const(34)
_BYTES = const(4)
_ROW_SAMPLES = const(16)  # of one answer, so that it fits a line of the link
_STEP_PA = const(5)
_LOWEST_PA = const(-20000)
_STEP_MS = const(10)
_EARLIEST_MS = const(-10000)
_LATEST = const(65535)  # in steps


class PressureTrace:
    """A ring of strokes; a sample is its time to 10 ms and its pressure to 5 Pa, in four bytes.

    `alarm` is the number of the alarm that has frozen them, 0 while recording.
    """

    def __init__(self) -> None:
        self._ring = bytearray(_STROKES * _SAMPLES * _BYTES)
        self._counts = bytearray(_STROKES)
        self._stroke = 0
        self._acknowledged = False  # the alarm; recording resumes with the next stroke
        self.alarm = 0

    def begin(self) -> None:
        """A stroke has begun: its samples replace those of the oldest stroke."""
        if self._acknowledged:
            self._acknowledged = False
            self.alarm = 0
        if not self.alarm:
            self._stroke = (self._stroke + 1) % _STROKES
            self._counts[self._stroke] = 0

    def add(self, after_ms: int, pa: int) -> None:
        """Adds a sample of -20,000 to 307,000 Pa, so long after the stroke (-10 s to 10 min)."""
        count = self._counts[self._stroke]
        if self.alarm or count >= _SAMPLES:
            return
        self._counts[self._stroke] = count + 1
        at = (self._stroke * _SAMPLES + count) * _BYTES
        time = (after_ms - _EARLIEST_MS) // _STEP_MS
        if not 0 <= time <= _LATEST:
            time = 0 if time < 0 else _LATEST
        ring = self._ring
        ring[at] = time & 255
        ring[at + 1] = time >> 8
        pa = (pa - _LOWEST_PA) // _STEP_PA
        ring[at + 2] = pa & 255
        ring[at + 3] = pa >> 8

    def freeze(self, alarm: int) -> None:
        """An alarm: the samples stay until it is acknowledged and a new stroke begins, also over automatic restarts."""
        if not self.alarm:
            self.alarm = alarm

    def acknowledge(self) -> None:
        """The alarm was acknowledged."""
        self._acknowledged = self.alarm != 0

    def rows(self, first: int) -> "list[tuple[int, int, int]]":
        """Up to 16 samples from the first-th on, oldest first: (stroke, 0 for the last; ms after it; Pa)."""
        found: "list[tuple[int, int, int]]" = []
        for age in range(_STROKES - 1, -1, -1):
            stroke = (self._stroke - age) % _STROKES
            count = self._counts[stroke]
            if first >= count:
                first -= count
                continue
            for sample in range(first, count):
                if len(found) == _ROW_SAMPLES:
                    return found
                found.append(self._sample(stroke, sample, age))
            first = 0
        return found

    def _sample(self, stroke: int, sample: int, age: int) -> "tuple[int, int, int]":
        at = (stroke * _SAMPLES + sample) * _BYTES
        ring = self._ring
        time = ring[at] | ring[at + 1] << 8
        level = ring[at + 2] | ring[at + 3] << 8
        return age, time * _STEP_MS + _EARLIEST_MS, level * _STEP_PA + _LOWEST_PA
