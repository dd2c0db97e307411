"""The page of a campaign: simulated time, margins to the oracles' limits, time from each fault to its alarm."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_MS_PER_YEAR = 86_400_000 * 365.25


def figures(rows: list[dict[str, Any]], digest: str, seed: int, wall_s: float) -> dict[str, Any]:
    """Sums over all scenarios, the worst case of each limit, the longest time to each alarm, and violations."""
    latest: dict[str, int] = {}
    for row in rows:
        for verb, ms in row["latest_ms"]:
            latest[verb] = max(latest.get(verb, 0), ms)
    sums = {name: sum(row[name] for row in rows) for name in ("strokes", "alarms", "events", "answers", "power_ons")}
    worst = {name: max(row[name] for row in rows) for name in ("excess_pl", "book_pl", "gap_ms")}
    years = sum(row["simulated_ms"] for row in rows) / _MS_PER_YEAR
    failed = [[row["seed"], *row["violation"]] for row in rows if row["violation"]]
    return {
        "sources": digest,
        "seed": seed,
        "scenarios": len(rows),
        "pump_years": round(years, 3),
        "violations": len(failed),
        **sums,
        **worst,
        "wall_s": round(wall_s, 1),
        "latest_ms": dict(sorted(latest.items())),
        "failed": failed,
    }


def write(folder: Path, rows: list[dict[str, Any]], digest: str, seed: int, wall_s: float) -> Path:
    """Writes summary.json and the page beside it; returns the page's path."""
    found = figures(rows, digest, seed, wall_s)
    (folder / "summary.json").write_text(json.dumps(found, indent=1) + "\n")
    page = folder / "summary.html"
    page.write_text(_page(found))
    return page


def _page(found: dict[str, Any]) -> str:
    plain = [(name, value) for name, value in found.items() if not isinstance(value, dict | list)]
    latest = [(verb, f"{ms / 1000:g} s") for verb, ms in found["latest_ms"].items()]
    failed = [(number, f"{ms} ms: {kind}: {words}") for number, ms, kind, words in found["failed"]]
    parts = [
        "<!doctype html><meta charset=utf-8><title>Campaign</title>",
        "<style>body{font:15px sans-serif;max-width:60em;margin:2em auto}td{padding:.1em 1em .1em 0}</style>",
        f"<h1>{found['pump_years']} pump-years, {found['violations']} violations</h1>",
        _table(plain),
        "<h2>Longest time from each fault to its alarm while the pump was delivering</h2>",
        _table(latest),
        "<h2>Violations, by seed</h2>",
        _table(failed) if failed else "<p>None.</p>",
    ]
    return "\n".join(parts) + "\n"


def _table(rows: Iterable[tuple[Any, Any]]) -> str:
    cells = ("<tr>" + "".join(f"<td>{html.escape(str(cell))}" for cell in row) for row in rows)
    return "<table>" + "\n".join(cells) + "</table>"
