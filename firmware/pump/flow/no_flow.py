"""Counts the flow sensor's measurement windows in which nothing arrived: an occlusion that needs no pressure sensor."""

from micropython import const

from pump import defs

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from pump.core import conditions

_ARRIVES_PPM = const(400000)  # a window this close to the programme shows that the sensor measures the flow
_MISSING_PPM = const(500000)  # a window that lacks more than this has no flow
# Behind an occlusion there is only the sensor's own noise. Through an open end the pulse moves many times the mean flow
# to and fro, and so does the fluid that a change of posture presses back.
_STILL_RATES = const(2)
_PL_S_PER_UL_DAY = const(12)  # 11.6
_WINDOWS = const(3)  # six strokes at least, none of which arrived


class NoFlow:
    """`windows` in a row without flow, after which the next one follows at once; the third calls `report_no_flow`."""

    def __init__(self, conditions: "conditions.Conditions", report_no_flow: "Callable[[], None]") -> None:
        self._conditions = conditions
        self._report_no_flow = report_no_flow
        self._seen = False  # the sensor has shown the flow since power-on
        self.windows = 0

    def add(self, ppm: int, spread_pl_s: int, ul_day: int) -> None:
        """Adds a window: its mean above the rate of ul_day in millionths of it, and the spread of its readings."""
        if -_ARRIVES_PPM < ppm < _ARRIVES_PPM:
            self._seen = True
        still = spread_pl_s < _STILL_RATES * _PL_S_PER_UL_DAY * ul_day
        usable = self._seen and not self._conditions.noted(defs.NOTE_FLOW_OFF)
        if ppm > -_MISSING_PPM or not still or not usable:
            self.windows = 0
            return
        self.windows += 1
        if self.windows == _WINDOWS:
            self.windows = 0
            self._report_no_flow()
