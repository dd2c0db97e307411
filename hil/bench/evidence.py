"""The record of measurements: name, value, limits and unit, with the image that was measured."""

from __future__ import annotations

import json
from pathlib import Path

from pumpctl import defs


class Evidence:
    """Measurements of one run; `write` puts them beside the JUnit file."""

    def __init__(self, target: str, image_hash: str) -> None:
        self._head = {"target": target, "image": image_hash, "definitions": defs.DIGEST}
        self.rows: list[dict[str, object]] = []
        self.test = ""

    def record(self, name: str, value: float, low: float | None, high: float | None, unit: str) -> None:
        """Records a measurement; AssertionError when it is outside its limits. None means no limit on that side."""
        good = (low is None or value >= low) and (high is None or value <= high)
        row = {"test": self.test, "name": name, "value": value, "low": low, "high": high, "unit": unit, "good": good}
        self.rows.append(row)
        assert good, f"{name} is {value} {unit}, outside {low} to {high}"

    def write(self, path: Path) -> None:
        """Writes the record; no file when nothing was measured."""
        if self.rows:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({**self._head, "measurements": self.rows}, indent=1) + "\n")
