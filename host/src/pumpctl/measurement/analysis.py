"""Flow, start-up curve, trumpet curve and overall error from weights (IEC 60601-2-24:2012, clause 201.12.1).

NumPy, of the extra `report`, is imported only here and when something is computed. Weights in mg, times in minutes,
flows in µL/h, density in g/mL (= mg/µL), errors in percent of the rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pumpctl import errors
from pumpctl.frozen import frozen
from pumpctl.measurement.sampling import Sampling
from pumpctl.measurement.weights import Weight

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TOLERANCE = 0.05  # of an interval: a weight that was taken further from its time is none of this time
_START_UP_PERCENT = 10.0


@frozen
class Flows:
    """The flow in each interval, NaN where it was not measured, and the mass and the time that it comes from."""

    interval_min: float
    ul_h: NDArray[np.float64]
    mass_mg: NDArray[np.float64]
    time_min: NDArray[np.float64]

    def part(self, first: int, end: int) -> Flows:
        """Return the intervals from `first` to before `end`."""
        return Flows(self.interval_min, self.ul_h[first:end], self.mass_mg[first:end], self.time_min[first:end])


@frozen
class Window:
    """The trumpet curve at one observation window: the largest and the smallest error, over `count` windows."""

    minutes: float
    highest_percent: float
    lowest_percent: float
    count: int

    @property
    def worst_percent(self) -> float:
        """The error with the larger magnitude."""
        return max(self.highest_percent, self.lowest_percent, key=abs)


@frozen
class Analysis:
    """What a run showed. A value is None where the weights are too few for it."""

    flows: Flows
    settled: Flows  # those of the analysis period
    start_up_min: float | None
    overall_percent: float | None
    trumpet: tuple[Window, ...]
    missing: int  # intervals without a flow


def numpy() -> Any:
    """Return NumPy; raises ReportExtraMissing."""
    try:
        import numpy as np
    except ImportError:
        raise errors.ReportExtraMissing(
            "The analysis needs NumPy, which isn't installed; type `pip install 'pumpctl[report]'`."
        ) from None
    return np


def analyse(rows: Sequence[Weight], rate_ul_h: float, density_g_ml: float, sampling: Sampling) -> Analysis:
    """Return the analysis of a run at one rate; raises ReportExtraMissing."""
    all_flows = flows(rows, sampling.interval_min, density_g_ml)
    first = round(sampling.settling_min / sampling.interval_min)
    settled = all_flows.part(first, first + round(sampling.period_min / sampling.interval_min))
    return Analysis(
        all_flows,
        settled,
        start_up_min(all_flows.part(0, first) if first else all_flows, rate_ul_h),
        overall_percent(settled, rate_ul_h, density_g_ml),
        trumpet(settled, rate_ul_h, sampling.windows_min),
        int(numpy().isnan(all_flows.ul_h).sum()),
    )


def flows(rows: Sequence[Weight], interval_min: float, density_g_ml: float) -> Flows:
    """Return Q_i = 60 (W_i - W_(i-1)) / (S d) of each interval, with the time that really passed for S.

    The weight of a time is the nearest one, within 5 % of an interval. Over the end of a piece there is no flow.
    """
    np = numpy()
    count = int(rows[-1].time_ms / 60_000 / interval_min + _TOLERANCE) if rows else 0
    if count < 1:
        nothing = np.empty(0)
        return Flows(interval_min, nothing, nothing, nothing)
    times_min = np.array([row.time_ms for row in rows]) / 60_000
    masses_mg = np.array([row.mass_ug for row in rows]) / 1000
    pieces = np.array([row.piece for row in rows])
    wanted = np.arange(count + 1) * interval_min
    after = np.clip(np.searchsorted(times_min, wanted), 1, max(len(rows) - 1, 1))
    nearest = np.where(wanted - times_min[after - 1] <= times_min[after] - wanted, after - 1, after)
    measured = np.abs(times_min[nearest] - wanted) <= interval_min * _TOLERANCE
    together = measured[1:] & measured[:-1] & (pieces[nearest][1:] == pieces[nearest][:-1])
    mass_mg = np.where(together, np.diff(masses_mg[nearest]), np.nan)
    time_min = np.where(together, np.diff(times_min[nearest]), np.nan)
    return Flows(interval_min, 60 * mass_mg / (time_min * density_g_ml), mass_mg, time_min)


def overall_percent(settled: Flows, rate_ul_h: float, density_g_ml: float) -> float | None:
    """Return A = 100 (Q - r) / r over the measured intervals, None without one."""
    np = numpy()
    minutes = float(np.nansum(settled.time_min))
    if minutes <= 0:
        return None
    return 100 * (60 * float(np.nansum(settled.mass_mg)) / (minutes * density_g_ml) - rate_ul_h) / rate_ul_h


def trumpet(settled: Flows, rate_ul_h: float, windows_min: Sequence[float]) -> tuple[Window, ...]:
    """Return Ep(max) and Ep(min) for each window P that fits at least once.

    Ep(max) is the largest of (S/P) * sum of 100 (Q_i - r) / r over P/S intervals in a row, for every place where such a
    row begins; there are m = (T - P)/S + 1. A row with an interval that was not measured is left out.
    """
    np = numpy()
    error = 100 * (settled.ul_h - rate_ul_h) / rate_ul_h
    unknown = np.isnan(error)
    sums = np.concatenate(([0.0], np.cumsum(np.where(unknown, 0, error))))
    gaps = np.concatenate(([0], np.cumsum(unknown)))
    found = []
    for minutes in windows_min:
        length = round(minutes / settled.interval_min)
        if not 1 <= length <= len(error):
            continue
        means = ((sums[length:] - sums[:-length]) / length)[gaps[length:] == gaps[:-length]]
        if len(means):
            found.append(Window(minutes, float(means.max()), float(means.min()), len(means)))
    return tuple(found)


def start_up_min(first: Flows, rate_ul_h: float, within_percent: float = _START_UP_PERCENT) -> float | None:
    """Return after how many minutes the flow of every measured interval is within some percent of the rate.

    None when the last one still is not, or when nothing was measured.
    """
    np = numpy()
    error = 100 * (first.ul_h - rate_ul_h) / rate_ul_h
    if np.isnan(error).all():
        return None
    outside = np.flatnonzero(np.abs(error) > within_percent)  # NaN is not outside
    begin = int(outside[-1]) + 1 if len(outside) else 0
    return None if np.isnan(error[begin:]).all() else begin * first.interval_min
