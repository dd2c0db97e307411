"""Limits of a measurement from a TOML file, and the verdict on its figures."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from pumpctl import errors
from pumpctl.frozen import frozen

# The figures that may have a limit, with their units. The trumpet has one for each window, by its minutes.
FIGURES = {
    "overall_percent": "%",
    "start_up_min": "min",
    "occlusion_alarm_s": "s",
    "occlusion_released_ul": "µL",
    "bolus_percent": "%",
    "free_flow_ul": "µL",
}
_TRUMPET = "trumpet_percent"


@frozen
class Verdict:
    """A figure beside its limit, which is the largest magnitude allowed; `value` is None when it was not measured."""

    name: str
    unit: str
    value: float | None
    limit: float

    @property
    def good(self) -> bool | None:
        """Whether it is within the limit, None when that is not known."""
        return None if self.value is None else abs(self.value) <= self.limit


def trumpet_name(minutes: float) -> str:
    """Return the name of the trumpet's figure at a window."""
    return f"{_TRUMPET}_{minutes:g}_min"


def read(path: Path) -> dict[str, float]:
    """Return the limits of a file by the names of their figures; raises BadLimits."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise errors.BadLimits(path, f"can't be read ({errors.reason(error)})") from error
    found = dict(_named(path, given))
    if not found:
        raise errors.BadLimits(path, "holds no limit")
    return found


def verdicts(figures: Mapping[str, float | None], limits: Mapping[str, float]) -> list[Verdict]:
    """Return each limit with the figure that it is for."""
    return [Verdict(name, FIGURES.get(name, "%"), figures.get(name), limit) for name, limit in limits.items()]


def line(found: list[Verdict]) -> str:
    """Return the verdict on a run: passed, failed, or incomplete."""
    if not found:
        return "no limits were given"
    bad = [verdict.name for verdict in found if verdict.good is False]
    unknown = [verdict.name for verdict in found if verdict.good is None]
    if bad:
        return f"failed: {', '.join(bad)}"
    return f"incomplete, not measured: {', '.join(unknown)}" if unknown else "passed"


def _named(path: Path, given: Mapping[str, object]) -> Iterator[tuple[str, float]]:
    for name, value in given.items():
        if name in FIGURES:
            yield name, _limit(path, name, value)
        elif name == _TRUMPET and isinstance(value, dict):
            for window, limit in value.items():
                if not window.isdecimal():
                    raise errors.BadLimits(path, f"has {window!r} in {_TRUMPET}; a window is a number of minutes")
                yield trumpet_name(int(window)), _limit(path, f"{_TRUMPET}.{window}", limit)
        else:
            raise errors.BadLimits(path, f"has {name!r}; there are {', '.join([*FIGURES, _TRUMPET])}")


def _limit(path: Path, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise errors.BadLimits(path, f"has {name} = {value!r}; a limit is a number that is not negative")
    return float(value)
