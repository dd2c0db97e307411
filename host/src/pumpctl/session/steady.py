"""The longest part of a session in which the pump infused at one rate, by its own account, as for a balance."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from pumpctl import defs
from pumpctl.measurement import result, sampling
from pumpctl.measurement.weights import Weight, Weights

LONGEST_STEP_MS = 60_000  # between two rows of telemetry: over a longer one it is not known what passed
_INFUSING = next(number for number, state in defs.STATES.items() if state.name == "infusing")
_DENSITY_G_ML = 1.0  # a nanolitre of the pump's account counts as a microgram


@dataclass
class _Part:
    rate_ul_day: int = 0
    rows: list[sqlite3.Row] = field(default_factory=list)

    @property
    def length_ms(self) -> int:
        return self.rows[-1]["uptime_ms"] - self.rows[0]["uptime_ms"] if self.rows else 0


def longest(rows: Sequence[sqlite3.Row]) -> result.Result | None:
    """Return flow and trumpet curve of that part, None when it is shorter than two sample intervals."""
    best = part = _Part()
    for row in rows:
        if not _continues(part, row):
            part = _Part(row["rate_ul_day"])
        if row["state"] == _INFUSING:
            part.rows.append(row)
        best = max(best, part, key=lambda found: found.length_ms)
    if best.length_ms < 2 * sampling.continuous().interval_ms:
        return None
    first = best.rows[0]
    weights = [Weight(r["uptime_ms"] - first["uptime_ms"], (_book_pl(r) - _book_pl(first)) // 1000) for r in best.rows]
    conditions = result.Conditions(
        best.rate_ul_day,
        density_g_ml=_DENSITY_G_ML,
        air_g_ml=0,
        settling_min=0,
        period_min=best.length_ms / 60_000,
    )
    return result.of_weights("by the pump's account", Weights(weights), conditions)


def _continues(part: _Part, row: sqlite3.Row) -> bool:
    """Whether a row belongs to the part: the same boot and rate, infusing, and soon after the last row."""
    if row["state"] != _INFUSING or row["rate_ul_day"] != part.rate_ul_day or not part.rows:
        return False
    last = part.rows[-1]
    step_ms = int(row["uptime_ms"]) - int(last["uptime_ms"])
    return bool(row["boot"] == last["boot"]) and 0 <= step_ms <= LONGEST_STEP_MS


def _book_pl(row: sqlite3.Row) -> int:
    return int(row["book_ul"]) * 1_000_000 + int(row["book_pl"])
