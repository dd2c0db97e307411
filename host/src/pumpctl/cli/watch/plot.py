"""A curve over time as lines of text: each column shows all of its samples from the lowest to the highest."""

from __future__ import annotations

from collections.abc import Sequence

from pumpctl import units

_LABEL = 10  # columns of the labels at the left
_FULL, _PLAIN = "█", "#"


def lines(
    samples: Sequence[tuple[float, int]], width: int, height: int, span_s: float, plain: bool = False
) -> list[str]:
    """Return `height` lines of at most `width` columns: pressures in Pa over the last `span_s` seconds.

    Samples are (seconds, Pa) in the order of time; a sample older than the span is left out. `plain` uses ASCII only.
    """
    columns = width - _LABEL
    if not samples or columns < 8 or height < 3:
        return ["No pressure yet."][:height]
    end_s = samples[-1][0]
    bands: list[tuple[int, int] | None] = [None] * columns
    for at_s, pa in samples:
        column = columns - 1 - int((end_s - at_s) / span_s * columns)
        if 0 <= column < columns:
            low, high = bands[column] or (pa, pa)
            bands[column] = (min(low, pa), max(high, pa))
    known = [band for band in bands if band]
    low, high = min(band[0] for band in known), max(band[1] for band in known)
    rows = height - 1
    step = max(1, -(-(high - low) // rows))  # Pa in one row
    mark = _PLAIN if plain else _FULL
    drawn = []
    for row in range(rows):
        floor = low + (rows - 1 - row) * step
        label = units.kpa(high) if row == 0 and high > low else units.kpa(low) if row == rows - 1 else ""
        cells = (mark if band and band[0] < floor + step and band[1] >= floor else " " for band in bands)
        drawn.append(f"{label:>{_LABEL - 1}} {''.join(cells)}".rstrip())
    # The topmost row also holds what rounding leaves above it.
    return [*drawn, f"{'':{_LABEL}}line pressure, the last {units.duration(round(span_s))}"[:width]]
