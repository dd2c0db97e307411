"""Shared by all verbs: --port, --json and --timeout, the connection to the pump, errors as exit codes."""

from __future__ import annotations

import functools
import inspect
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from pumpctl import errors
from pumpctl.cli import completion
from pumpctl.cli.screen import console, failures
from pumpctl.frozen import frozen
from pumpctl.protocol.timing import TIMEOUT_S

if TYPE_CHECKING:  # imported where a pump is connected, so that help and Tab need not load them
    from pumpctl import listening
    from pumpctl.protocol import answers
    from pumpctl.pump import Pump

Port = Annotated[
    str | None,
    typer.Option(
        "--port",
        "-p",
        help="Serial port, any pyserial URL, or sim: for a simulated pump.",
        show_default="PUMP_PORT",
        autocompletion=completion.ports,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the data as JSON on stdout.")]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", help="Seconds to wait for an answer.", min=0.05, max=600, show_default=f"{TIMEOUT_S:g}"),
]

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Confirm the change without asking, for scripts.")]
Override = Annotated[
    str | None,
    typer.Option(
        "--override",
        help="Soft limit to exceed, soft_rate or soft_bolus; the pump logs it.",
        autocompletion=completion.overrides,
    ),
]


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


_SHARED = {
    "port": _keyword("port", Port, None),
    "as_json": _keyword("as_json", Json, False),
    "timeout": _keyword("timeout", Timeout, None),
}

Verb = Callable[..., None]
_WIDEST = 100  # columns of the help


@frozen
class Options:
    """The options that may stand before or after the verb."""

    port: str | None = None
    as_json: bool = False
    timeout_s: float | None = None


class Verbs(TyperGroup):
    """The group of all verbs: a failure is one sentence on stderr and an exit code, never a traceback."""

    _as_json = False

    def make_context(self, info_name: Any, args: list[str], *arguments: Any, **options: Any) -> Any:
        """Read the command line; the help is written here, as wide as the terminal."""
        self._as_json = "--json" in args  # also when the rest of the command line is wrong
        options.setdefault("terminal_width", min(shutil.get_terminal_size().columns, _WIDEST))
        with failures.as_exit_codes(self._as_json):
            return super().make_context(info_name, args, *arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        """Run the verb."""
        with failures.as_exit_codes(self._as_json):
            return super().invoke(ctx)


def sharing(*names: str) -> Callable[[Verb], Verb]:
    """Return a decorator that adds the named shared options to those of a verb.

    The verb gets an Options as its first argument, combined with those before the verb. The function of a group runs
    only when no verb of the group follows.
    """

    def decorate(verb: Verb) -> Verb:
        @functools.wraps(verb)
        def command(context: typer.Context, **values: Any) -> None:
            shared = [values.pop(n) if n in names else parameter.default for n, parameter in _SHARED.items()]
            chosen = context.obj = _combined(context.find_object(Options) or Options(), *shared)
            if context.invoked_subcommand is None:
                verb(chosen, **values)

        _, *own = inspect.signature(verb, eval_str=True).parameters.values()
        parameters = [
            _keyword("context", typer.Context, inspect.Parameter.empty),
            *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own),
            *(_SHARED[name] for name in names),
        ]
        # Typer reads the options from these two attributes; `command` itself has none of them in its annotations.
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return command

    return decorate


shared_options = sharing("port", "as_json", "timeout")


def _combined(before: Options, port: str | None, as_json: bool, timeout_s: float | None) -> Options:
    """Return the options after the verb, completed by those before it."""
    return Options(port or before.port, as_json or before.as_json, before.timeout_s if timeout_s is None else timeout_s)


@contextmanager
def connected(chosen: Options) -> Iterator[Pump]:
    """Open the port, greet the pump, yield it, close the port; raises the PumpError that fits."""
    port = _chosen_port(chosen)
    with console.waiting(f"connecting to the pump at {port}"):
        pump = _connect(port, chosen)
    with pump:
        _tell_foreign(pump.hello)
        if pump.hello.time_known is False:
            _keep_clock(pump)
        yield pump


@contextmanager
def listener(
    chosen: Options, wait_s: float, say: Callable[[str], None], between: Callable[[], None] = lambda: None
) -> Iterator[listening.Listener]:
    """Yield the pump for a verb that runs for long; `say` and `between` are those of listening.Tools."""
    from pumpctl import listening

    tools = listening.Tools(lambda port: _connect(port, chosen), say, between=between, prepare=_keep_clock)
    with listening.Listener(_chosen_port(chosen), tools, wait_s) as pump:
        _tell_foreign(pump.hello)
        yield pump


def _chosen_port(chosen: Options) -> str:
    """Return the port: the one that was named, else that of the only pump, which may be one of a running service."""
    from pumpctl import ports, running

    given = ports.named_by_user(chosen.port)
    if given:
        return given
    served = running.served()
    held = {pump.device for _, pump in served}
    free = [port for port in ports.listed() if port.pico and port.device not in held]
    if not served:
        return ports.choose(None)
    if len(served) == 1 and not free:
        _, pump = served[0]
        return pump.device if pump.line else pump.port
    names = ", ".join([*(pump.device for _, pump in served), *(port.device for port in free)])
    raise errors.NoPump(f"There are several pumps ({names}); choose one with --port.")


def _connect(port: str, chosen: Options) -> Pump:
    """Open the port, or go through the service that owns it, and greet the pump."""
    from pumpctl import configuration, ports, running
    from pumpctl.pump import Pump

    served = None if ports.starts_a_pump(port) else running.holder_of(port)
    token = None
    if served is not None:
        entry, pump = served
        console.say(f"{pump.port} belongs to the service with pid {entry.pid}; this goes through it.")
        port, token = pump.line, entry.token
    timeout_s = chosen.timeout_s or float(configuration.read().get("timeout_s", TIMEOUT_S))
    return Pump.connect(ports.opened(port), timeout_s, on_log=log_to_stderr, token=token)


def _keep_clock(pump: Pump) -> None:
    """Set the pump's time of day if it is unknown, unless the configuration says not to."""
    from pumpctl import configuration

    if configuration.read().get("set_clock", True):
        pump.keep_clock()


def _tell_foreign(hello: answers.Hello) -> None:
    if hello.foreign:
        console.say("The pump's definitions differ from this program's; only reading and stop work.")


def log_to_stderr(line: str) -> None:
    """Show a line of the device's log."""
    console.say(f"pump: {line}")
