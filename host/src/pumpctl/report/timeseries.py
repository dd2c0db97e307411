"""What a run leaves behind for its report: points over time, and what happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Event:
    """A record of the pump's log at its time since power-on."""

    t_s: float
    name: str
    a: int
    b: int


@dataclass
class Curves:
    """Points over time, by name; a value is None where the pump had none."""

    columns: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, **values: float | None) -> None:
        """Adds a point; every point has the same names."""
        for name, value in values.items():
            self.columns.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> list[Any]:
        return self.columns.get(name, [])

    def scaled(self, name: str, unit: float) -> list[float]:
        """A column in another unit; a missing value leaves a gap in the plot."""
        return [float("nan") if value is None else value / unit for value in self[name]]

    def last(self) -> dict[str, Any]:
        """The newest point."""
        return {name: column[-1] for name, column in self.columns.items()}


def span(seconds: float) -> str:
    """Seconds since power-on as days, hours, minutes."""
    minutes = int(seconds) // 60
    return f"day {minutes // 1440 + 1}, {minutes // 60 % 24:02d}:{minutes % 60:02d}"
