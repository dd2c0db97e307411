"""What goes on for as long as a person looks: the live screen and the log that follows."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.live import Live

from pumpctl import ports
from pumpctl.cli import options
from pumpctl.cli.options import Json, Port, Timeout
from pumpctl.cli.screen import console, describe
from pumpctl.diagnostics import log_clock
from pumpctl.protocol import answers
from pumpctl.pump import Pump

_POLL_S = 0.5


def monitor(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="One look, then leave.")] = False,
    every: Annotated[int, typer.Option("--every", min=1, max=3600, help="Seconds between two looks.")] = 1,
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Watch the pump live until Ctrl-C: state, rate, next stroke, volumes, refill date, pressure, alarms.

    With --json the pump's own telemetry, an object a line.
    """
    chosen = options.options(context, port, as_json, timeout)
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
    """Write the log from a sequence number on; with `follow` go on with what the pump tells."""
    writer = _LogWriter(first, as_json)
    writer.write_pages(pump, 0)  # an earlier record may tell the time
    while follow:
        pump.poll(_POLL_S)
        for row in pump.events():
            if row.sequence > writer.following:
                writer.write_pages(pump, writer.following)
            elif row.sequence == writer.following:
                writer.write(row)


class _LogWriter:
    """Writes records from `first` on, once each; `following` is the sequence number after the last one."""

    def __init__(self, first: int, as_json: bool) -> None:
        self._first = first
        self._as_json = as_json
        self._time = log_clock.LogClock()
        self.following = 0

    def write_pages(self, pump: Pump, first: int) -> None:
        """Write what the pump keeps from this number on."""
        for page in pump.log_pages(first):
            for row in page:
                self.write(row)

    def write(self, row: answers.LogRow) -> None:
        """Write a record, unless it stands before those that are wanted."""
        time_of_day = self._time.take(row)
        self.following = row.sequence + 1
        if row.sequence < self._first:
            return
        if self._as_json:
            console.put_json(describe.log_json(row, time_of_day))
        else:
            console.put(describe.log_line(row, time_of_day))


def _stream(pump: Pump, once: bool, every_s: int) -> None:
    """Write telemetry as JSON, a line each; the pump is asked to end it before leaving."""
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
    """Write the status in words, once or again and again, where there is no terminal to draw on."""
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
    """Draw the screen until Ctrl-C."""
    with Live(console=console.out(), auto_refresh=False, screen=True) as live:
        while True:
            status, alarms = pump.status(), pump.alarms()
            live.update(console.screen(name, pump.hello, status, pump.dose(), alarms), refresh=True)
            time.sleep(every_s)
