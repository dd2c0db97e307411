"""Counts the bursts of the flow sensor in which nothing arrived: a block of which the pressure says nothing."""

from micropython import const

from pump import defs

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from pump.core import conditions

_ARRIVES_PPM = const(400000)  # as near as a burst has to come for the sensor to be believed
_MISSING_PPM = const(500000)
# Behind a block nothing moves but the sensor's own noise; through an open end the pulse goes to and fro with many times
# the mean flow, and so does the fluid that a change of posture presses back.
_STILL_RATES = const(2)
_PL_S_PER_UL_DAY = const(12)  # 11.6
_BURSTS = const(3)  # six strokes at least, none of which came


class Missing:
    """`bursts` in a row without flow, after which the next one is to follow at once; the third calls `starve`."""

    def __init__(self, conditions: "conditions.Conditions", starve: "Callable[[], None]") -> None:
        self._conditions = conditions
        self._starve = starve
        self._believed = False  # the sensor has shown the flow since power-on
        self.bursts = 0

    def take(self, ppm: int, spread_pl_s: int, ul_day: int) -> None:
        """A burst's mean above the rate of ul_day, in millionths of it, and how far its readings lie apart."""
        if -_ARRIVES_PPM < ppm < _ARRIVES_PPM:
            self._believed = True
        still = spread_pl_s < _STILL_RATES * _PL_S_PER_UL_DAY * ul_day
        trusted = self._believed and not self._conditions.noted(defs.NOTE_FLOW_OFF)
        if ppm > -_MISSING_PPM or not still or not trusted:
            self.bursts = 0
            return
        self.bursts += 1
        if self.bursts == _BURSTS:
            self.bursts = 0
            self._starve()
