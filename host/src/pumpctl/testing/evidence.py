"""The record of measurements: name, value, limits and unit, with the image that was measured; and how runs differ."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pumpctl import defs, errors
from pumpctl.frozen import frozen


@frozen
class Measurement:
    """One measured value; None means no limit on that side. `good` is whether it was within its limits."""

    test: str
    name: str
    value: float
    low: float | None
    high: float | None
    unit: str
    good: bool


@dataclass
class Evidence:
    """Measurements of one run on one target; `test` is the one that runs now, `image` what the pump runs.

    `about` has whatever else is known of the run, by name.
    """

    target: str
    image: str = ""
    rows: list[Measurement] = field(default_factory=list)
    test: str = ""
    about: dict[str, str] = field(default_factory=dict)

    def record(self, name: str, value: float, low: float | None, high: float | None, unit: str) -> None:
        """Records a measurement; AssertionError when it is outside its limits. None means no limit on that side."""
        good = self.note(name, value, low, high, unit)
        assert good, f"{name} is {value} {unit}, outside {low} to {high}"

    def note(self, name: str, value: float, low: float | None, high: float | None, unit: str) -> bool:
        """Records a measurement; returns whether it is within its limits."""
        good = (low is None or value >= low) and (high is None or value <= high)
        self.rows.append(Measurement(self.test, name, value, low, high, unit, good))
        return good

    def write(self, folder: Path, began: datetime) -> Path | None:
        """Writes the record to a new file that is named for time and target; None when nothing was measured.

        No file of another run is replaced. Raises NotSaved.
        """
        if not self.rows:
            return None
        text = json.dumps(
            {
                "target": self.target,
                "image": self.image,
                "definitions": defs.DIGEST,
                "began": began.isoformat(timespec="seconds"),
                "about": self.about,
                "measurements": [asdict(row) for row in self.rows],
            },
            indent=1,
        )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return _written(folder, f"{began:%Y%m%dT%H%M%SZ}-{self.target}", text + "\n")
        except OSError as error:
            raise errors.NotSaved(folder, error) from error


def _written(folder: Path, stem: str, text: str) -> Path:
    """Writes a file that did not exist; a number is added to the name when another run took it."""
    for number in range(1, 1000):
        path = folder / (f"{stem}.json" if number == 1 else f"{stem}-{number}.json")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{folder} holds a thousand runs of the same second")


@frozen
class Difference:
    """A measurement in two runs; a value is None in a run that lacks it."""

    test: str
    name: str
    unit: str
    before: float | None
    after: float | None
    good: bool

    @property
    def change_percent(self) -> float | None:
        """By how much the value rose, None where that has no meaning."""
        if self.before is None or self.after is None or self.before == 0:
            return None
        return 100 * (self.after - self.before) / abs(self.before)


def read(path: Path) -> dict[str, Any]:
    """Return a run's record with its measurements; a folder stands for its newest run. Raises BadEvidence."""
    if path.is_dir():
        path = files_in(path)[-1]
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {**found, "path": path, "measurements": [Measurement(**row) for row in found["measurements"]]}
    except OSError as error:
        raise errors.BadEvidence(path, f"can't be read ({errors.reason(error)})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise errors.BadEvidence(path, "is not a record of measurements") from error


def files_in(folder: Path) -> list[Path]:
    """Return the files of the runs in a folder, oldest first; raises BadEvidence when there is none."""
    found = sorted(folder.glob("*.json"), key=lambda path: path.stem)  # a-unix before a-unix-2
    if not found:
        raise errors.BadEvidence(folder, "holds no run")
    return found


def differences(before: Sequence[Measurement], after: Sequence[Measurement]) -> list[Difference]:
    """Return all measurements of two runs side by side, in the order of the second run; then those only in the first.

    `good` is False for a value beyond its limits in the second run, and for one that the second run lacks.
    """
    old, new = numbered(before), numbered(after)
    found = []
    for key in [*new, *(key for key in old if key not in new)]:
        first, second = old.get(key), new.get(key)
        row = second or first
        assert row is not None
        was, now = (None if run is None else run.value for run in (first, second))
        found.append(Difference(row.test, row.name, row.unit, was, now, second is not None and second.good))
    return found


def numbered(rows: Sequence[Measurement]) -> dict[tuple[str, str, int], Measurement]:
    """Return the measurements by test, name, and number where a test measures the same several times."""
    found: dict[tuple[str, str, int], Measurement] = {}
    for row in rows:
        number = 1
        while (row.test, row.name, number) in found:
            number += 1
        found[row.test, row.name, number] = row
    return found
