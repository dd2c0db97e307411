"""The data of a run for its report: points over time, and records of the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pumpctl.frozen import frozen


@frozen
class Event:
    """A record of the pump's log, `t_s` seconds after power-on."""

    t_s: float
    name: str
    a: int
    b: int


@dataclass
class Curves:
    """Points over time, by name; a value is None where the pump gave none."""

    columns: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, **values: float | None) -> None:
        """Add a point; every point has the same names."""
        for name, value in values.items():
            self.columns.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> list[Any]:
        return self.columns.get(name, [])

    def scaled(self, name: str, unit: float) -> list[float]:
        """Return a column divided by `unit`; None becomes NaN, which leaves a gap in the plot."""
        return [float("nan") if value is None else value / unit for value in self[name]]

    def last(self) -> dict[str, Any]:
        """Return the newest point."""
        return {name: column[-1] for name, column in self.columns.items()}


def span(seconds: float) -> str:
    """Return seconds since power-on as text, such as `day 3, 04:05`."""
    minutes = int(seconds) // 60
    return f"day {minutes // 1440 + 1}, {minutes // 60 % 24:02d}:{minutes % 60:02d}"
