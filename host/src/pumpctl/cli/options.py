"""What every verb shares: the options --port, --json and --timeout, the pump they lead to, errors as exit codes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pumpctl import errors, ports
from pumpctl.cli.screen import console
from pumpctl.pump import TIMEOUT_S, Pump

Port = Annotated[
    str | None,
    typer.Option(
        "--port", "-p", help="Serial port, any pyserial URL, or sim: for a simulated pump.", show_default="PUMP_PORT"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Data as JSON on stdout.")]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", help="Seconds to wait for an answer.", min=0.05, max=600, show_default=f"{TIMEOUT_S:g}"),
]

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Confirm the change unasked, for scripts.")]
Override = Annotated[
    str | None, typer.Option("--override", help="Soft limit to go beyond: soft_rate or soft_bolus; it is logged.")
]

_INTERRUPTED = 130  # what a shell expects after Ctrl-C


@dataclass(frozen=True)
class Options:
    """The options that may stand before or after the verb."""

    port: str | None = None
    as_json: bool = False
    timeout_s: float | None = None


class Verbs(TyperGroup):
    """The group of all verbs: a failure is one sentence on stderr and an exit code, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb."""
        try:
            return super().invoke(ctx)
        except errors.PumpError as error:
            console.say(str(error))
            raise typer.Exit(int(error.exit_code)) from error
        except KeyboardInterrupt:
            raise typer.Exit(_INTERRUPTED) from None


def replace_port(chosen: Options, port: str) -> Options:
    """Return the options with this port."""
    return replace(chosen, port=port)


def options(context: typer.Context, port: str | None, as_json: bool, timeout_s: float | None) -> Options:
    """Return the options after the verb, filled up with those before it."""
    before = context.find_object(Options) or Options()
    return replace(
        before,
        port=port or before.port,
        as_json=as_json or before.as_json,
        timeout_s=before.timeout_s if timeout_s is None else timeout_s,
    )


@contextmanager
def connected(chosen: Options) -> Iterator[Pump]:
    """Open the port, greet the pump, hand it out, close the port. Raises whatever PumpError fits."""
    port = ports.choose(chosen.port)
    first_id = 1 + int.from_bytes(os.urandom(3), "big")  # answers to a program before this one are not taken for ours
    with console.waiting(f"asking the pump at {port}"):
        pump = Pump.connect(ports.opened(port), chosen.timeout_s or TIMEOUT_S, first_id, log_to_stderr)
    with pump:
        if pump.foreign:
            console.say("The pump's definitions are not this program's; only reading and stop work.")
        yield pump


def log_to_stderr(line: str) -> None:
    """Show a line of device log."""
    console.say(f"pump: {line}")
