"""Performs runs of the occlusion campaign: a line of JSON ["hard" or "plain", run] each, answered with its row.

Runs on CPython and PyPy.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from occlusion import hard, runs

PERFORM = {"hard": hard.perform, "plain": runs.perform}


def main() -> None:
    for line in iter(sys.stdin.readline, ""):
        kind, run = json.loads(line)
        print(json.dumps(PERFORM[kind](tuple(run))))


if __name__ == "__main__":
    main()
