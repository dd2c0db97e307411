"""The link: requests read as a strict reference reads them, and true statements over a link with foreign lines."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from campaign.link import foreign_lines, json_texts, resets
from figures import Figure, Group, span

_TEXTS = span(1_000_000, 1_000)
_SHARE = span(50_000, 500)  # of one process's call
_EXCHANGES = span(100_000, 40)
_RUN = span(2_000, 20)  # exchanges with one pump
_RESETS = span(50, 1)  # for each verb that listens


def lines() -> list[Figure]:
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        wrong = sum(pool.map(_differences, range(_TEXTS // _SHARE)))
    return [Figure("link.lines_read_wrong", wrong, f"of {_TEXTS} texts", None, 0)]


def foreign() -> list[Figure]:
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(_exchanges, range(_EXCHANGES // _RUN)))
    unit = f"of {_EXCHANGES} exchanges"
    unknown = sum(counts["not known"] for counts in found)
    return [
        Figure("link.foreign_lines.wrong", sum(counts["wrong"] for counts in found), unit, None, 0),
        Figure("link.foreign_lines.doubled", sum(counts["doubled"] for counts in found), unit, None, 0),
        Figure("link.foreign_lines.not_known", unknown, unit, None, None),
    ]


def listening() -> list[Figure]:
    found = resets.run(_RESETS, seed=1)
    count = sum(found[kind] for kind in resets.KINDS)
    return [
        Figure("link.listening.silent", found["silent"], f"of {count} resets", None, 0),
        Figure("link.listening.lost", found["lost"], f"of {found['records']} records", None, 0),
    ]


def _exchanges(seed: int) -> Counter[str]:
    return foreign_lines.run(_RUN, seed)


def _differences(seed: int) -> int:
    return len(json_texts.compare(_SHARE, seed))


GROUPS = [
    Group(("link.lines_read_wrong",), "random texts read by the pump and by a strict reference", lines),
    Group(
        ("link.foreign_lines.wrong", "link.foreign_lines.doubled", "link.foreign_lines.not_known"),
        "exchanges over a link with foreign lines, damage and loss",
        foreign,
    ),
    Group(("link.listening.silent", "link.listening.lost"), "verbs that listen, over resets of the pump", listening),
]
