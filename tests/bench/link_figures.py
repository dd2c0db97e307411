"""The link's reader of requests against a strict reference, on a million random texts."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor

from campaign import link_lines
from figures import Figure, Group

_TEXTS = 1_000_000
_SHARE = 50_000  # of one process's call


def lines() -> list[Figure]:
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        wrong = sum(pool.map(_differences, range(_TEXTS // _SHARE)))
    return [Figure("link.lines_read_wrong", wrong, f"of {_TEXTS} texts", None, 0)]


def _differences(seed: int) -> int:
    return len(link_lines.compare(_SHARE, seed))


GROUPS = [Group(("link.lines_read_wrong",), "random texts read by the pump and by a strict reference", lines)]
