"""Listens to a pump and records what comes: used by the service and by `monitor --record`."""

from __future__ import annotations

from collections.abc import Iterator

from pumpctl import listening
from pumpctl.protocol import answers
from pumpctl.session import recording as recordings


def items(listener: listening.Listener, period_s: int, recording: recordings.Recording) -> Iterator[listening.Item]:
    """Yield telemetry, records and gaps, each after it was handed to the recording; raises PumpAbsent in the end.

    A session that is continued gets the records that it missed; a new one begins with the next record.
    """
    follower = listening.LogFollower(listener, recording.last, from_now=True)
    new_logs = 0
    for item in follower.items(period_s):
        if follower.new_logs != new_logs:
            new_logs = follower.new_logs
            recording.new_log()
        if isinstance(item, answers.Status):
            recording.status(item)
        elif isinstance(item, answers.LogRow):
            recording.event(item)
            recording.last = item
        else:
            recording.gap(item.cause, item.text)
        yield item
