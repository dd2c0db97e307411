"""The telemetry of a session for a plot: parts of some rows each, with their lowest and highest values."""

from __future__ import annotations

from pathlib import Path

from pumpctl import defs
from pumpctl.session import store

_MOST_PARTS = 5000
_LONGEST_STEP_MS = 60_000  # as in the report of a session
_INFUSING = next(number for number, state in defs.STATES.items() if state.name == "infusing")

COLUMNS = (
    "first_id", "last_id", "boot", "first_ms", "last_ms", "programmed_ul_day_ms", "delivered_pl", "strokes",
    "stroke_in_ms", "ledger_low_nl", "ledger_high_nl", "level_low_nl", "level_high_nl", "pressure_low_pa",
    "pressure_high_pa",
)  # fmt: skip
# A step leads from the row before to a row; it counts when the pump was infusing at one rate all the time.
_SQL = """
WITH pairs AS (
    SELECT *, book_ul * 1000000 + book_pl AS book, uptime_ms - LAG(uptime_ms) OVER rows_ AS step_ms,
        LAG(book_ul * 1000000 + book_pl) OVER rows_ AS book_before,
        boot = LAG(boot) OVER rows_ AND state = :infusing AND LAG(state) OVER rows_ = :infusing
            AND rate_ul_day = LAG(rate_ul_day) OVER rows_ AS is_steady
    FROM telemetry WINDOW rows_ AS (ORDER BY id)
), steps AS (
    SELECT *, is_steady AND step_ms BETWEEN 1 AND :longest_ms AS counts FROM pairs
)
SELECT MIN(id), MAX(id), boot, MIN(uptime_ms), MAX(uptime_ms),
    SUM(CASE WHEN counts THEN rate_ul_day * step_ms ELSE 0 END),
    SUM(CASE WHEN counts THEN book - book_before ELSE 0 END),
    MAX(strokes), CASE WHEN COUNT(*) = 1 THEN MIN(stroke_in_ms) END,
    MIN(ledger_nl), MAX(ledger_nl), MIN(level_nl), MAX(level_nl),
    MIN(pressure_pa), MAX(pressure_pa)
FROM steps GROUP BY boot, id / :width ORDER BY MIN(id)
"""


def of(path: Path, most: int = _MOST_PARTS) -> list[list[int | None]]:
    """Return the parts of a session in the order of time, as COLUMNS names their numbers.

    Of `most` rows or fewer each is a part of its own. A part is of one start of the pump. Raises SessionDamaged and
    what `store.to_read` raises.
    """
    with store.to_read(path) as database:
        count = database.execute("SELECT COUNT(*) FROM telemetry").fetchone()[0]
        numbers = {"width": max(1, -(-count // most)), "infusing": _INFUSING, "longest_ms": _LONGEST_STEP_MS}
        return [list(row) for row in database.execute(_SQL, numbers)]
