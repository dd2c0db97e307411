"""The verbs that run until Ctrl-C: the live screen, and the log with new records."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from pumpctl import ports
from pumpctl.cli import options
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console, describe
from pumpctl.diagnostics import log_clock
from pumpctl.protocol import answers
from pumpctl.pump import Pump

_POLL_S = 0.5


@options.shared_options
def monitor(
    chosen: Options,
    once: Annotated[bool, typer.Option("--once", help="Show the state once and exit.")] = False,
    every: Annotated[int, typer.Option("--every", min=1, max=3600, help="Seconds between two updates.")] = 1,
) -> None:
    """Show the pump live until Ctrl-C: state, rate, next stroke, volumes, refill date, pressure, alarms.

    With --json, print the pump's telemetry, one object per line.
    """
    name = ports.choose(chosen.port)
    try:
        with options.connected(options.replace_port(chosen, name)) as pump:
            if chosen.as_json:
                _stream(pump, once, every)
            elif once or not console.out().is_terminal:
                _lines(pump, once, every)
            else:
                _live(pump, name, every)
    except KeyboardInterrupt:
        return


def log(pump: Pump, first: int, follow: bool, as_json: bool) -> None:
    """Write the log from a sequence number on; with `follow`, also new records as the pump sends them."""
    writer = _LogWriter(first, as_json)
    writer.write_pages(pump, 0)  # an earlier record may set the time of day
    while follow:
        pump.poll(_POLL_S)
        for row in pump.events():
            if row.sequence > writer.following:
                writer.write_pages(pump, writer.following)
            elif row.sequence == writer.following:
                writer.write(row)


class _LogWriter:
    """Writes each record from `first` on once; `following` is the sequence number after the last one."""

    def __init__(self, first: int, as_json: bool) -> None:
        self._first = first
        self._as_json = as_json
        self._clock = log_clock.LogClock()
        self.following = 0

    def write_pages(self, pump: Pump, first: int) -> None:
        """Write the stored records from this number on."""
        for page in pump.log_pages(first):
            for row in page:
                self.write(row)

    def write(self, row: answers.LogRow) -> None:
        """Write a record, unless its number is below `first`."""
        time_of_day = self._clock.time_of(row)
        self.following = row.sequence + 1
        if row.sequence < self._first:
            return
        if self._as_json:
            console.put_json(describe.log_json(row, time_of_day))
        else:
            console.put(describe.log_line(row, time_of_day))


def _stream(pump: Pump, once: bool, every_s: int) -> None:
    """Write telemetry as JSON, one object per line; telemetry is switched off at the end."""
    if once:
        console.put_json(describe.status_json(pump.status()))
        return
    try:
        pump.telemetry(every_s)
        console.put_json(describe.status_json(pump.status()))
        while True:
            pump.poll(_POLL_S)
            for status in pump.telemetries():
                console.put_json(describe.status_json(status))
    finally:
        pump.telemetry(0)


def _lines(pump: Pump, once: bool, every_s: int) -> None:
    """Write the status as plain lines, once or every `every_s` seconds."""
    while True:
        status, alarms = pump.status(), pump.alarms()
        console.put_pairs(describe.status_pairs(status, pump.dose()))
        for alarm in alarms:
            console.put(console.alarm_text(alarm, status.uptime_s).plain)
        if once:
            return
        console.put("")
        time.sleep(every_s)


def _live(pump: Pump, name: str, every_s: int) -> None:
    """Draw the screen every `every_s` seconds until Ctrl-C."""
    with console.live() as live:
        while True:
            status, alarms = pump.status(), pump.alarms()
            live.update(console.screen(name, pump.hello, status, pump.dose(), alarms), refresh=True)
            time.sleep(every_s)
