"""Tells by the pressure whether strokes go forward: each raises it, and lowers it when the drive moves backwards.

The counter on the STEP line sees steps either way, so nothing else of the drive could tell (D10, D13).
"""

from micropython import const

from pump.occlusion import stroke_rise

_BITS = const(2)  # 4 strokes make a block
_ERRORS = const(3)  # standard errors that the mean of a block must be away from 0
_TIMES = const(3)  # a stroke back lowers the pressure by no more than so many times what one forward raises it by


class Direction:
    """`forward` once a block of strokes has raised the pressure; `near` when they are nearer than 10 s.

    While the heart rate is constant each stroke may meet the same part of the pulse, from top to bottom, which is
    2.2 times the mean of neighbouring samples: so much is allowed, and a soft line in which the pulse is larger than a
    stroke tells nothing. There the level of the reservoir has to.

    Where strokes are so near that each window is shorter than a beat, its samples may show little of the pulse. A fall
    by far more than a stroke can make is the pulse's: `most_pa` is what strokes forward have raised the pressure by, 0
    while that is not known. Four of them may also meet the same part of the pulse, which many don't: `spread_pa` is by
    how much one differed from the next, 0 while that is not known.
    """

    def __init__(self) -> None:
        self.near = False
        self.forward = False
        self.most_pa = 0
        self.spread_pa = 0
        self._start_pa = stroke_rise.NO_VALUE  # before the first stroke
        self._block_pa = stroke_rise.NO_VALUE  # at the end of the last block
        self.resume()

    def expect(self, most_pa: int, spread_pa: int) -> None:
        """What strokes forward have done."""
        self.most_pa = most_pa
        self.spread_pa = spread_pa

    def resume(self) -> None:
        """Delivery begins: the next stroke is the first."""
        self._start_pa = stroke_rise.NO_VALUE
        self._block_pa = stroke_rise.NO_VALUE
        self._restart()

    def _restart(self) -> None:
        self._count = 0
        self._sum_pa = 0
        self._spread_sum_pa = 0
        self._pulsation_sum_pa = 0
        self._last_pa = 0

    def add(self, stroke: "stroke_rise.StrokePressure") -> bool:
        """Adds a stroke; True when the last four went backwards."""
        if self._start_pa == stroke_rise.NO_VALUE:
            self._start_pa = stroke.pre_stroke_pa
        rise_pa = stroke.rise_pa
        if rise_pa == stroke_rise.NO_VALUE or stroke.pre_stroke_pa == stroke_rise.NO_VALUE:
            return False
        if self._count:
            self._spread_sum_pa += abs(rise_pa - self._last_pa)
        self._last_pa = rise_pa
        self._sum_pa += rise_pa
        self._pulsation_sum_pa += stroke.pulsation_pa
        self._count += 1
        if self._count < 1 << _BITS:
            return False
        mean_pa = self._sum_pa >> _BITS
        vessel = self._vessel_fell(stroke.pre_stroke_pa)
        spread_pa = self._spread_sum_pa // ((1 << _BITS) - 1)
        if self.near:
            spread_pa = max(spread_pa, self.spread_pa)
        error_pa = (_ERRORS * spread_pa >> (_BITS >> 1)) + (self._pulsation_sum_pa * 9 >> (_BITS + 2))
        self._restart()
        if mean_pa > error_pa:
            self.forward = True
        pulse = 0 < _TIMES * self.most_pa < -mean_pa
        return mean_pa < -error_pa and not pulse and not vessel and self._fell(stroke.pre_stroke_pa)

    def _vessel_fell(self, pre_stroke_pa: int) -> bool:
        """Whether the pressure fell between near strokes too: after a Valsalva manoeuvre, not with a reversed drive."""
        last_pre_stroke_pa = self._block_pa
        self._block_pa = pre_stroke_pa
        if not self.near or last_pre_stroke_pa == stroke_rise.NO_VALUE:
            return False
        return pre_stroke_pa - last_pre_stroke_pa < self._sum_pa + (self._sum_pa >> 2)

    def _fell(self, pre_stroke_pa: int) -> bool:
        """Between near strokes a late sensor shows the pressure's fall as that of a stroke; their level tells more."""
        return not self.near or pre_stroke_pa < self._start_pa
