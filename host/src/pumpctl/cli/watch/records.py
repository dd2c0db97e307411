"""Writes records of the log as text, JSON or CSV: which of them, with their time of day and the number of the start."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from pumpctl import errors, units
from pumpctl.cli.screen import console, describe
from pumpctl.diagnostics import log_clock
from pumpctl.frozen import frozen
from pumpctl.listening import Gap
from pumpctl.protocol import answers

FORMS = ("text", "json", "csv")
_CSV = ("sequence", "time", "boot", "uptime_s", "ms", "event", "name", "a", "b", "detail")
_DATES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M", "%Y-%m-%d")


@frozen
class Wanted:
    """Which records: from a number on; since a time, or not longer ago than some seconds; so many at the end."""

    first: int = 0
    since: datetime | None = None
    age_s: int | None = None
    last: int | None = None


def since(text: str, now: datetime | None = None) -> tuple[datetime, int | None]:
    """Return the time of `2026-11-30 08:00` (UTC), or of `90min` before now and that age; raises UsageProblem."""
    for form in _DATES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC), None
        except ValueError:
            continue
    try:
        age_s = units.seconds(text)
        return (now or datetime.now(UTC)) - timedelta(seconds=age_s), age_s
    except (errors.BadAmount, OverflowError):
        raise errors.UsageProblem(
            f"The time {text!r} can't be read; write it as 30min, 6h, 2d, or in UTC as '2026-11-30 08:00'."
        ) from None


def write(pages: Iterable[list[answers.LogRow]], wanted: Wanted, form: str, now: answers.Status | None = None) -> None:
    """Write stored records; `now` is the present status, which tells the age of records without a time of day."""
    writer = Writer(form)
    placed = (item for item in log_clock.placed(row for page in pages for row in page) if _is_wanted(item, wanted, now))
    for item in placed if wanted.last is None else deque(placed, maxlen=wanted.last):
        writer.put(item)


def follow(items: Iterator[answers.LogRow | Gap], first: int, form: str) -> None:
    """Write records from a number on, and gaps, as they come."""
    writer = Writer(form)
    for item in log_clock.placed(items):
        if isinstance(item, Gap) or item.row.sequence >= first:
            writer.put(item)


def put_gap(gap: Gap, form: str) -> None:
    """Mark a place where something may be missing; CSV has rows of records only, so it is told on stderr."""
    if form == "json":
        console.put_json({"gap": gap.cause, "text": gap.text})
    elif form == "csv":
        console.say(f"--- {gap.text}")
    else:
        console.put(f"--- {gap.text}")


class Writer:
    """Writes records in one form."""

    def __init__(self, form: str) -> None:
        self._form = form
        if form == "csv":
            console.put(",".join(_CSV))

    def put(self, item: log_clock.Placed | Gap) -> None:
        """Write a record or a gap."""
        if isinstance(item, Gap):
            put_gap(item, self._form)
        elif self._form == "text":
            console.put(describe.log_line(item.row, item.time, item.boot))
        else:
            fields = describe.log_json(item.row, item.time, item.boot)
            if self._form == "json":
                console.put_json(fields)
            else:
                console.put(_csv_line([fields[name] for name in _CSV]))


def _is_wanted(item: log_clock.Placed | Gap, wanted: Wanted, now: answers.Status | None) -> bool:
    """Return whether a record is wanted; one of an earlier start without a time of day has an unknown age."""
    if isinstance(item, Gap) or item.row.sequence < wanted.first:
        return False
    if wanted.since is None:
        return True
    if item.time is not None:
        return item.time >= wanted.since
    if wanted.age_s is None or now is None or item.boot != now.boot:
        return False
    return now.uptime_s - item.row.uptime_s <= wanted.age_s


def _csv_line(cells: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow("" if cell is None else cell for cell in cells)
    return text.getvalue()
