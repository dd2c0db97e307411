"""`pumpctl monitor`: shows a pump until Ctrl-C, over resets of the pump and a port that vanishes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from pumpctl import listening
from pumpctl.cli import options
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console, describe
from pumpctl.cli.watch import records
from pumpctl.listening import Gap
from pumpctl.protocol import answers
from pumpctl.pump import Pump

if TYPE_CHECKING:
    from pumpctl.session import recording

Wait = Annotated[
    float,
    typer.Option("--wait", help="Seconds to wait for a pump that is silent or unplugged.", min=0, max=86_400),
]

_Answers = tuple[answers.Status, list[answers.AlarmRow], answers.Dose]


@options.shared_options
def monitor(
    chosen: Options,
    once: Annotated[bool, typer.Option("--once", help="Show the state once and exit.")] = False,
    every: Annotated[int, typer.Option("--every", min=1, max=3600, help="Seconds between two updates.")] = 1,
    wait: Wait = listening.WAIT_S,
    record: Annotated[bool, typer.Option("--record", help="Record a session, as the service does.")] = False,
) -> None:
    """Show the pump live until Ctrl-C: alarms, state, rate, volumes, refill date, pressure.

    With --json, print the pump's telemetry, one object per line. A reset or an interruption is marked.
    """
    try:
        if once:
            _once(chosen)
        elif chosen.as_json:
            with options.listener(chosen, wait, console.say) as pump, _recording(record, pump) as session:
                _stream(pump, every, session)
        elif not console.at_terminal():
            with options.listener(chosen, wait, console.say) as pump, _recording(record, pump) as session:
                _lines(pump, every, session)
        else:
            _live(chosen, wait, every, record)
    except KeyboardInterrupt:
        return


@contextmanager
def _recording(wanted: bool, pump: listening.Listener) -> Iterator[recording.Recording | None]:
    """Yield a new session if one is wanted, and close it at the end."""
    if not wanted:
        yield None
        return
    from pumpctl.session import recording, store  # here, as SQLite takes its time

    path = store.new_path(store.folder(), pump.port.rpartition("/")[2])
    with closing(recording.Recording(path, "pumpctl monitor", asdict(pump.hello), console.say)) as session:
        console.say(f"Recording into {path}.")
        yield session


def _items(pump: listening.Listener, every_s: int, session: recording.Recording | None) -> Iterator[listening.Item]:
    if session is None:
        return pump.listen(every_s)
    from pumpctl.session import follow as follow_pump

    return follow_pump.items(pump, every_s, session)


def _readings(
    pump: listening.Listener, every_s: int, session: recording.Recording | None
) -> Iterator[tuple[_Answers, list[Gap]]]:
    """Yield what the pump answers every `every_s` seconds, and the gaps before it."""
    if session is None:
        while True:
            read = pump.ask(_read)
            yield read, pump.observe(read[0])
            time.sleep(every_s)
    gaps: list[Gap] = []
    for item in _items(pump, every_s, session):
        if isinstance(item, Gap):
            gaps.append(item)
        elif isinstance(item, answers.Status):
            yield (item, *pump.ask(lambda present: (present.alarms(), present.dose()))), gaps
            gaps = []


def _stream(pump: listening.Listener, every_s: int, session: recording.Recording | None) -> None:
    """Write telemetry as JSON, one object per line; telemetry is switched off at the end."""
    for item in _items(pump, every_s, session):
        if isinstance(item, Gap):
            records.put_gap(item, "json")
        elif isinstance(item, answers.Status):
            console.put_json(describe.status_json(item))


def _read(pump: Pump) -> _Answers:
    return pump.status(), pump.alarms(), pump.dose()


def _once(chosen: Options) -> None:
    with options.connected(chosen) as pump:
        if chosen.as_json:
            console.put_json(describe.status_json(pump.status()))
        else:
            _put(*_read(pump))


def _put(status: answers.Status, alarms: list[answers.AlarmRow], dose: answers.Dose) -> None:
    console.put_pairs(describe.status_pairs(status, dose))
    for alarm in alarms:
        console.put("\n".join(console.alarm_lines(alarm, status.uptime_s)))


def _lines(pump: listening.Listener, every_s: int, session: recording.Recording | None) -> None:
    """Write the status as plain lines every `every_s` seconds."""
    for read, gaps in _readings(pump, every_s, session):
        for gap in gaps:
            records.put_gap(gap, "text")
        _put(*read)
        console.put("")


def _live(chosen: Options, wait_s: float, every_s: int, record: bool) -> None:
    """Show the screen until it is closed."""
    from pumpctl.cli.watch import live

    bridge = live.Live()
    with options.listener(chosen, wait_s, bridge.say, bridge.between) as pump, _recording(record, pump) as session:
        bridge.run(pump, _items(pump, every_s, session))
