"""The table of all verbs. A verb's module is imported when the verb is used, so that help and Tab are quick.

A new verb is one row here: its place as `module:function`, or `module:group` for a group of verbs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand

from pumpctl.cli import options


class Verb(NamedTuple):
    """Where a verb is, below pumpctl.cli, and the first sentence of its help."""

    place: str
    help: str


VERBS: dict[str, Verb] = {
    "ports": Verb(
        "shell.ports:list_ports",
        "List the serial ports of this computer, Picos first, and the simulated pumps and services that run on it.",
    ),
    "info": Verb("watch.status:info", "Show versions and board, and whether they match this program."),
    "status": Verb("watch.status:status", "Show state, rate, volumes, refill date, pressure and alarm."),
    "dose": Verb(
        "watch.status:dose", "Show recent doses, the boluses left, the fluid at the catheter tip, and the refill date."
    ),
    "monitor": Verb(
        "watch.monitor:monitor", "Show the pump live until Ctrl-C: alarms, state, rate, volumes, refill date, pressure."
    ),
    "wait": Verb(
        "watch.wait:wait", "Wait until the pump is in a state, or has an alarm; exit code 4 when it takes too long."
    ),
    "start": Verb("delivery:start", "Start delivery by the plan; the first stroke comes after one stroke interval."),
    "stop": Verb("delivery:stop", "Stop delivery; works in every state and with every version of the firmware."),
    "pause": Verb("delivery:pause", "Pause delivery; the part of a stroke that is due is kept for the resume."),
    "resume": Verb(
        "delivery:resume", "Continue after a pause, or after a stopping alarm that was cleared and acknowledged."
    ),
    "reset": Verb(
        "delivery:reset",
        "Restart the pump's program; delivery resumes by the parameter resume_policy.",
    ),
    "rate": Verb("delivery:rate", "Change the rate; a higher rate must be confirmed."),
    "bolus": Verb(
        "delivery:bolus",
        "Give a volume on top of the basal rate, in whole strokes, after confirmation; `bolus cancel` ends it.",
    ),
    "prime": Verb("delivery:prime", "Move a counted volume at the prime rate, after confirmation; `stop` ends it."),
    "therapy": Verb(
        "therapy:therapy", "Show the therapy plan and its progress; `therapy load` and `therapy set` set a new one."
    ),
    "params": Verb(
        "params:params",
        "Show the parameters with their limits; `params set` changes one, `params load` those of a file.",
    ),
    "refill": Verb(
        "refill:refill", "Refill the reservoir step by step; scripts use begin, withdrawn, finish and cancel."
    ),
    "draft": Verb("draft:draft", "Show the change that is waiting for confirmation; `draft drop` discards it."),
    "alarms": Verb("alarms:alarms", "List the alarms and what to do; `alarms show` gives the details of one."),
    "ack": Verb("alarms:ack", "Acknowledge one alarm, or all active alarms."),
    "silence": Verb(
        "alarms:silence", "Silence the alarm sound for a while; the light stays on, and a new alarm sounds again."
    ),
    "log": Verb("log:log", "Show the stored records, oldest first; `log rescue` reads them from a damaged journal."),
    "doctor": Verb(
        "log:examine",
        "Check journal, last reset, self-test and alarms, and show what to do; exit code 5 if something is wrong.",
    ),
    "sim": Verb("sim:sim", "Run a simulated pump on a serial port, whose name is printed, until Ctrl-C or quit."),
    "world": Verb(
        "service.world:world",
        "Act on the world of a simulated pump that runs elsewhere: block the line, make a fault, show the truth.",
    ),
    "serve": Verb(
        "service.serve:serve",
        "Own the port of a pump and let many programs use it: pumpctl, a browser, REST, WebSocket, a line port.",
    ),
    "session": Verb("service.session:session", "List, show, export and remove recorded sessions."),
    "bench": Verb(
        "bench.measurements:bench", "Measure delivery with a balance: start-up, accuracy, and their reports."
    ),
    "evidence": Verb("bench.evidence:evidence", "Compare the measurements of bench tests, which pytest recorded."),
    "config": Verb("shell.config:config", "Show and change the configuration file."),
    "pair": Verb("access.keys:pair", "Pair this host: from then on, the pump takes commands only from paired hosts."),
    "keys": Verb("access.keys:keys", "List the hosts that the pump has keys of; `keys revoke` takes one away."),
    "calibrate": Verb(
        "bench.calibrate:calibrate",
        "Deliver strokes, fit the volume per step by a balance or the flow sensor, and set it after confirmation.",
    ),
    "selftest": Verb(
        "bench.selftest:selftest",
        "Test the bench part by part, with what to see at scope and meter; exit code 5 if something failed.",
    ),
    "flash": Verb("flash:flash", "Write an image to a board."),
    "deploy": Verb(
        "deploy:deploy",
        "Copy the files that differ from its image to a board with the development image, and restart it.",
    ),
}


@cache
def _loaded(name: str) -> Any:
    """Return the command of a verb."""
    module, _, attribute = VERBS[name].place.partition(":")
    verb = getattr(import_module(f"pumpctl.cli.{module}"), attribute)
    shell = typer.Typer(rich_markup_mode=None)
    shell.callback()(lambda: None)  # makes it a group, also with one verb
    if isinstance(verb, typer.Typer):
        verb.rich_markup_mode = None  # the help of rich cuts names in a narrow terminal, and takes long to load
        shell.add_typer(verb, name=name)
    else:
        shell.command(name)(verb)
    return typer.main.get_group(shell).commands[name]


class _Commands(Mapping[str, Any]):
    """The commands by name, each loaded when it is asked for."""

    def __getitem__(self, name: str) -> Any:
        if name not in VERBS:
            raise KeyError(name)
        return _loaded(name)

    def __iter__(self) -> Iterator[str]:
        return iter(VERBS)

    def __len__(self) -> int:
        return len(VERBS)


class Table(options.Verbs):
    """The group of the verbs in the table; listing them loads none."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = _Commands()  # type: ignore[assignment]
        self._listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the verbs."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a verb's command, None when there is no such verb."""
        if self._listing:
            return TyperCommand(cmd_name, help=VERBS[cmd_name].help, rich_markup_mode=None)
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the verbs into the help."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, verb.help) for name, verb in VERBS.items()])

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Return the verbs that begin so."""
        self._listing = True
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self._listing = False
