"""Listens to a pump and records what comes: used by the service and by `monitor --record`."""

from __future__ import annotations

from collections.abc import Iterator

from pumpctl import listening
from pumpctl.protocol import answers
from pumpctl.session import recording as recordings

_MOST_PERIODS = 3  # without telemetry before the place is marked


def items(listener: listening.Listener, period_s: int, recording: recordings.Recording) -> Iterator[listening.Item]:
    """Yield telemetry, records and gaps, each after it was handed to the recording; raises PumpAbsent in the end.

    A session that is continued gets the records that it missed; a new one begins with the next record. A status that
    comes twice, as telemetry and as an answer, is left out the second time.
    """
    follower = listening.LogFollower(listener, recording.last, from_now=True)
    new_logs = 0
    last: answers.Status | None = None  # since the last gap
    for item in follower.items(period_s):
        if follower.new_logs != new_logs:
            new_logs = follower.new_logs
            recording.new_log()
        if isinstance(item, answers.Status):
            if last is not None and _same(last, item):
                continue
            hole_s = 0 if last is None else item.uptime_s - last.uptime_s
            if hole_s > _MOST_PERIODS * period_s:
                gap = listening.Gap("telemetry", f"The pump sent no telemetry for {hole_s} s of its time.")
                recording.gap(gap.cause, gap.text)
                yield gap
            recording.status(item)
            last = item
        elif isinstance(item, answers.LogRow):
            recording.event(item)
            recording.last = item
        else:
            recording.gap(item.cause, item.text)
            last = None
        yield item


def _same(one: answers.Status, other: answers.Status) -> bool:
    return (one.boot, one.total_uptime_ms) == (other.boot, other.total_uptime_ms)
