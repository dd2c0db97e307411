"""Time of day and number of the start of the log's records, as far as the log itself gives them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from pumpctl.frozen import frozen
from pumpctl.protocol import answers

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DAYS = 365_000  # a thousand years


Item = TypeVar("Item")


@frozen
class Placed:
    """A record with its time of day in UTC and the number of the start; each is None where it is unknown."""

    row: answers.LogRow
    time: datetime | None
    boot: int | None


def placed(items: Iterable[answers.LogRow | Item]) -> Iterator[Placed | Item]:
    """Yield each record with its place; other items are passed on.

    The number of a start is in the record behind its `power_on`, which therefore waits for it.
    """
    clock = LogClock()
    waiting: Placed | None = None
    for item in items:
        found = Placed(item, clock.time_of(item), clock.boot) if isinstance(item, answers.LogRow) else item
        if waiting is not None:
            yield replace(waiting, boot=clock.boot) if isinstance(item, answers.LogRow) else waiting
            waiting = None
        if isinstance(found, Placed) and found.row.name == "power_on":
            waiting = found
        else:
            yield found
    if waiting is not None:
        yield waiting


class LogClock:
    """Gives the time of day of each record; all records must be passed, in the order of the log.

    `boot` is the number of the start that the last record belongs to, None while it is unknown.

    A record `time_set` holds the time of day that a host has set; the pump's uptime continues it until the next reset.
    After a missing record the time is unknown until the next `time_set`, as a reset may be among the missing.
    """

    def __init__(self) -> None:
        self.boot: int | None = None
        self._power_on: datetime | None = None
        self._last: answers.LogRow | None = None

    def time_of(self, row: answers.LogRow) -> datetime | None:
        """Return the time of day of the next record in UTC, None when it is unknown."""
        since = timedelta(seconds=row.uptime_s, milliseconds=row.ms)
        last, self._last = self._last, row
        follows = last is not None and row.sequence == last.sequence + 1
        forward = last is not None and (row.uptime_s, row.ms) >= (last.uptime_s, last.ms)
        if row.name == "power_on" or not (follows and forward):
            self._power_on = self.boot = None
        if row.name == "reset":
            self.boot = row.b
        if row.name == "time_set":
            possible = 0 <= row.a <= _MOST_DAYS  # else the record is damaged, or of another kind of pump
            self._power_on = _EPOCH + timedelta(days=row.a, seconds=row.b) - since if possible else None
        return None if self._power_on is None else self._power_on + since
