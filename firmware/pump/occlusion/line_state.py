"""Learns how the line answers a stroke, and tells a narrowed line, a lost stroke, air and a dead sensor from it."""

from micropython import const

from pump.occlusion import detector

TYPE_CHECKING = const(False)

_BLOCK = const(16)  # strokes that are averaged before they are compared
_HEARD_PA = const(150)  # a pulse is heard when neighbouring samples differ by more; a sensor's own noise makes 56
_DEAD_PA = const(12)  # less than this of a difference is no sensor that converts: stuck, or too slow
_ALIVE_PA = const(30)
_FADED_PA = const(70)
_BEAT_MS = const(1000)  # of the slowest heart: a window that is shorter may meet the same part of each beat
_TWICE = const(2)
_LEARNED_BLOCKS = const(4)  # that what is kept is the mean of
_LEAST_PA = const(50)  # of a stroke that can be missed: the softest line gives 125, of which a fast one keeps half
_LEARNED = const(64)  # strokes before a lost one can be told

OPEN = const(0)
NARROW = const(1)
LOST = const(2)  # the stroke does not reach the sensor: blocked upstream, or the drive turns in vain
AIR = const(3)
DEAD = const(4)
LATE = const(5)


class Mean:
    """The mean of `count` values."""

    def __init__(self) -> None:
        self.count = 0
        self._sum_pa = 0

    def restart(self) -> None:
        self.count = 0
        self._sum_pa = 0

    def add(self, pa: int) -> None:
        self._sum_pa += pa
        self.count += 1

    def take_pa(self) -> int:
        """The mean; the next begins."""
        pa = self._sum_pa // self.count
        self.restart()
        return pa


class Patency:
    """`finding` is what the line is, by what was learned in its first strokes: at power-on, and anew for each rate
    of what depends on the rate.
    """

    def __init__(self, height: "detector.Height") -> None:
        self._height = height
        self._swing = Mean()
        self._kept = Mean()
        self._lift = Mean()  # by the strokes that `_kept` is of
        self.swing_pa = 0  # of the open line, 0 until it is known
        self.kept_pa = 0  # of a stroke, in the settled window
        self._kept_blocks = 0
        self._past_pa = detector.NO_VALUE
        self._narrow = 0
        self._lost_pa = 0
        self._late = 0
        self._heard_pa = 0  # of the last few strokes
        self._whole_beats = True
        self.finding = OPEN

    def commission(self) -> None:
        """Another line, or another stroke: nothing is known of it."""
        self.swing_pa = 0
        self.kept_pa = 0
        self.finding = OPEN
        self.restart()

    def restart(self) -> None:
        """A new rate: how much of a stroke is kept is learned anew."""
        self._kept_blocks = 0
        self.resume()

    def look_for(self, window_ms: int) -> None:
        """The samples before a stroke take so long."""
        self._whole_beats = window_ms >= _BEAT_MS

    def resume(self) -> None:
        """Delivery begins, or goes on after a pause."""
        self._past_pa = detector.NO_VALUE
        self._narrow = 0
        self._lost_pa = 0
        self._late = 0
        self._swing.restart()
        self._kept.restart()
        self._lift.restart()

    def judge(self, stroke: "detector.Stroke") -> int:
        """The finding after this stroke: OPEN, NARROW, LOST, AIR or DEAD."""
        past_pa = self._past_pa
        self._past_pa = stroke.before_pa
        if stroke.before_pa == detector.NO_VALUE or past_pa == detector.NO_VALUE:
            return self.finding
        if stroke.step_pa != detector.NO_VALUE:
            self._count_lost(stroke)
            if stroke.settled_pa != detector.NO_VALUE:
                self._keep(stroke.step_pa, stroke.settled_pa - past_pa)
        self._swing.add(stroke.swing_pa)
        self._heard_pa += (stroke.swing_pa - self._heard_pa) >> 2
        if self._swing.count == _BLOCK:
            self._compare()
        return self.finding

    def _keep(self, lift_pa: int, kept_pa: int) -> None:
        """How much the stroke has lifted the pressure by, and what was left of that in the settled window."""
        most_pa = max(lift_pa, self._height.pa * 3 >> 1)
        if -most_pa <= kept_pa <= most_pa:  # more than the stroke is somebody who has sat down or stood up in between
            self._kept.add(kept_pa)
            self._lift.add(lift_pa)

    def _count_lost(self, stroke: "detector.Stroke") -> None:
        """A cumulative sum over the strokes that did not lift the pressure by half of what they used to."""
        mean_pa = self._height.mean_pa
        spread_pa = self._height.spread_pa
        if self._height.strokes < _LEARNED or mean_pa < _LEAST_PA or spread_pa > 8 * mean_pa:
            return
        # The beat of pulse and strokes would pass for it: while a pulse keeps its pace each stroke may meet the same
        # part of it, from top to bottom, 2.2 times the mean of neighbouring samples.
        if self.swing_pa * 9 > mean_pa * 2:
            return
        lacking_pa = max(-mean_pa, min(mean_pa >> 1, (mean_pa >> 1) - stroke.step_pa))
        self._lost_pa = max(0, self._lost_pa + lacking_pa)
        # A stroke that shows itself in the settled window was not lost; the sensor tells it late.
        late = stroke.settled_swing_pa - stroke.swing_pa > mean_pa >> 4
        self._late = min(8, self._late + 1) if late else max(0, self._late - 1)
        # A random walk with this spread passes the mark once in e^20 strokes.
        if self._lost_pa < 2 * mean_pa + 20 * spread_pa // mean_pa * spread_pa:
            if self._lost_pa == 0 and self.finding in (LOST, AIR, LATE):
                self.finding = OPEN
            return
        self._lost_pa = 2 * mean_pa
        if stroke.swing_pa < _DEAD_PA and self.swing_pa > _ALIVE_PA:
            if self._heard_pa < _FADED_PA:  # of the few samples of near strokes one pair may be alike by chance
                self.finding = DEAD
        elif self._late > 3:
            self.finding = LATE
        elif self.finding not in (LOST, AIR, LATE):
            damped = self.swing_pa > _HEARD_PA and self._heard_pa * 4 < self.swing_pa * 3
            self.finding = AIR if damped else LOST

    def _compare(self) -> None:
        swing_pa = self._swing.take_pa()
        narrow = self._keeps_more(max(swing_pa, self.swing_pa))
        if self.swing_pa < _DEAD_PA:  # what a sensor said that did not convert is not kept
            self.swing_pa = swing_pa
        if swing_pa < _DEAD_PA and self.swing_pa > _ALIVE_PA:
            self.finding = DEAD
            return
        if self.finding == DEAD:
            self.finding = OPEN
        if self._whole_beats and self.swing_pa > _HEARD_PA and swing_pa < self.swing_pa >> 1:
            narrow = True
        self._narrow = min(_TWICE, self._narrow + 1) if narrow else max(0, self._narrow - 1)
        if self._narrow == _TWICE and self.finding == OPEN:
            self.finding = NARROW
        elif not self._narrow and self.finding == NARROW:
            self.finding = OPEN

    def _keeps_more(self, swing_pa: int) -> bool:
        """Whether the strokes of a block have left more in the settled window than those that were learned from."""
        if self._kept.count < _BLOCK >> 1:
            self._kept.restart()
            self._lift.restart()
            return False
        kept_pa = self._kept.take_pa()
        lift_pa = self._lift.take_pa()
        if lift_pa < max(_LEAST_PA, self._height.mean_pa >> 1):
            return False  # the strokes did not arrive, or the sensor lags: nothing can be told, nor learned
        # The height is understated where its strokes were lost at first: what these have lifted by counts as well.
        least_pa = max(swing_pa * 3 >> 2, self._height.pa * 5 >> 4, lift_pa * 3 >> 4)
        blocks = self._kept_blocks
        if blocks > 1 and kept_pa - self.kept_pa > least_pa:
            return True
        if blocks <= _LEARNED_BLOCKS:
            self._kept_blocks = blocks + 1
            self.kept_pa += (kept_pa - self.kept_pa) // max(1, blocks)  # the first one lifts the line to its level
        return False
