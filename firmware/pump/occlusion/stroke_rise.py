"""What the pressure samples around a stroke say, and how far a stroke raises the pressure."""

from micropython import const

NO_VALUE = const(-(1 << 29))  # stands for a measurement window that gave no pressure

NEAR_MS = const(10000)  # strokes nearer than this may meet the same part of each beat, or fall into one swing
_SOFTEST_PA = const(80)  # two thirds of a stroke of 0.25 uL into 2 uL/kPa
WHOLE_SHARE = const(256)
_LEARN_ROUNDS = const(12)  # the rise is taken from 4, 16, ... 4096 strokes: bits of that number
_FIRST = const(4)  # rises that say how large others can be
_SHAKEN_PA = const(6000)  # a walk of 3 kPa at the sensor, from bottom to top: one sample to the next differs by no more
_TIMES = const(4)


class StrokePressure:
    """The pressures around a stroke in Pa; NO_VALUE for what could not be measured.

    A pulsation is the mean difference of neighbouring samples of a window.
    """

    def __init__(self) -> None:
        self.rise_pa = NO_VALUE  # from just before the last stroke to just after it
        self.settled_pa = NO_VALUE  # mean of the window halfway to the next stroke
        self.settled_pulsation_pa = 0
        self.pre_stroke_pa = NO_VALUE  # mean of the window before the stroke that is due
        self.pulsation_pa = 0  # of the window before the stroke

    def raised_pa(self) -> int:
        """The rise by the last stroke, 0 where it could not be measured."""
        return 0 if self.rise_pa == NO_VALUE else self.rise_pa


class StrokeRise:
    """The rise of the pressure per stroke: learned from the samples around each stroke, and never overstated.

    `pa` is two thirds of it: of the mean of the first 4, 16, ... 4096 strokes less three of its standard errors.
    Strokes as near as heartbeats may meet the same part of the pulse many times over, so there the pulsation of the
    samples is subtracted as well.

    Between the last sample before a stroke and the one after it the line drains by what it would in that time anyway.
    So near strokes seem to raise the pressure by less: in a slow line by the share of the period that lies between
    the sample after a stroke and the last one before the next; in a fast line by all of the rise, at every rate.

    A single wild reading that a line could have would spoil the mean of many strokes, so each counts by no more than
    `within` allows. A drive that sticks and then gives several strokes at once is still learned.
    """

    def __init__(self) -> None:
        self.near = False  # strokes are nearer than 10 s
        self._first_pa = [0] * _FIRST  # the first rises; they count when all are known
        self.share = WHOLE_SHARE  # that share at the present rate, in 256ths
        self.restart()

    def restart(self) -> None:
        """Another line, or another stroke: nothing is known of it."""
        self.pa = _SOFTEST_PA
        self.mean_pa = 0
        self.spread_pa = 0  # mean difference of successive strokes, 1.13 standard deviations
        self.strokes = 0  # number of strokes that the mean is taken from
        self._count = 0  # strokes added so far
        self._bits = 2  # the next conclusion comes at 1 << _bits strokes
        self._sum_pa = 0
        self._spread_sum_pa = 0
        self._pulsation_sum_pa = 0
        self._last_pa = 0  # rise of the last stroke
        self._learned_share = WHOLE_SHARE  # mean share of the strokes that the mean is taken from
        self._share_sum = 0

    def known(self) -> bool:
        """Whether at least four strokes were measured."""
        return self.strokes > 0

    def least_pa(self) -> int:
        """The least that a stroke raises the pressure by at the present rate, whatever the line's tau is."""
        return self.mean_pa * min(self.share, self._learned_share) // self._learned_share

    def most_pa(self) -> int:
        """The most that it does."""
        return self.mean_pa * max(self.share, self._learned_share) // self._learned_share

    def highest_pa(self) -> int:
        """`pa` without the understatement by what drained meanwhile, were the line a slow one."""
        return self.pa * WHOLE_SHARE // self._learned_share

    def within(self, rise_pa: int) -> int:
        """`rise_pa`, or the most that a stroke can have raised or lowered the pressure by if that is less.

        That is four times the mean so far and what a walk may have added; anything goes until four strokes are known.
        """
        if self._count < _FIRST:
            return rise_pa
        return _limited(rise_pa, abs(self._sum_pa) // self._count)

    def learn(self, rise_pa: int, pulsation_pa: int) -> None:
        """Adds the pressure just after a stroke less that before it, and the pulsation before it."""
        if self._bits > _LEARN_ROUNDS:
            return
        self._pulsation_sum_pa += pulsation_pa
        self._share_sum += self.share
        if self._count < _FIRST:
            self._first_pa[self._count] = rise_pa
            self._count += 1
            if self._count == _FIRST:
                self._learn_first()
        else:
            self._add(self.within(rise_pa))
            self._count += 1
        if self._count == 1 << self._bits:
            self._conclude()

    def _learn_first(self) -> None:
        """The second largest tells how large they are, as one of them may be a wild reading."""
        largest_pa = second_pa = 0
        for rise_pa in self._first_pa:
            second_pa = max(second_pa, min(largest_pa, abs(rise_pa)))
            largest_pa = max(largest_pa, abs(rise_pa))
        self._last_pa = _limited(self._first_pa[0], second_pa)
        for rise_pa in self._first_pa:
            self._add(_limited(rise_pa, second_pa))

    def _add(self, rise_pa: int) -> None:
        self._spread_sum_pa += abs(rise_pa - self._last_pa)
        self._last_pa = rise_pa
        self._sum_pa += rise_pa

    def _conclude(self) -> None:
        bits = self._bits
        self.spread_pa = self._spread_sum_pa // (self._count - 1)
        self.mean_pa = self._sum_pa >> bits
        error_pa = 3 * self.spread_pa >> (bits >> 1)
        if self.near:
            error_pa += self._pulsation_sum_pa >> bits
        self.pa = max(_SOFTEST_PA, (self.mean_pa - error_pa) * 2 // 3)
        self._learned_share = max(1, self._share_sum >> bits)
        self.strokes = self._count
        self._bits = bits + 2


def _limited(rise_pa: int, usual_pa: int) -> int:
    """The rise, up or down, or the most that a stroke can make where they usually make `usual_pa`."""
    most_pa = usual_pa * _TIMES + _SHAKEN_PA
    return max(-most_pa, min(rise_pa, most_pa))
