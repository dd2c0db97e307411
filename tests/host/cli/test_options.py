"""The options of every verb, by name, and how those before the verb combine with those after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer
from pumpctl.cli import options
from pumpctl.cli.main import app
from pumpctl.cli.options import Options
from typer.testing import CliRunner

SHARED = ("--port", "--json", "--timeout")
CONFIRMED = ("--override", "--yes")
MEASURED = ("--note", "--session", "--limits", "--yes")  # of a measurement with a balance
# Every verb with its own options; those without all shared options are in LESS.
OWN: dict[str, tuple[str, ...]] = {
    "": ("--version", "--install-completion", "--show-completion"),
    "ports": (),
    "info": (),
    "wait": ("--state", "--alarm", "--timeout"),
    "config": (),
    "config show": (),
    "config set": (),
    "config unset": (),
    "status": (),
    "dose": (),
    "monitor": ("--once", "--every", "--wait", "--record"),
    "start": (),
    "stop": (),
    "pause": (),
    "resume": (),
    "reset": ("--yes",),
    "rate": CONFIRMED,
    "bolus": CONFIRMED,
    "prime": ("--purpose", "--yes"),
    "ack": (),
    "silence": (),
    "doctor": ("--clear", "--set-time", "--yes"),
    "sim": ("--speed", "--seed", "--set", "--flash", "--ready", "--link"),
    "flash": ("--board", "--kind", "--volume", "--wait", "--force"),
    "deploy": ("--package", "--board"),
    "therapy": (),
    "therapy show": (),
    "therapy check": ("--override",),
    "therapy load": CONFIRMED,
    "therapy save": (),
    "therapy set": ("--profile", "--rate", "--phase-days", "--cycles", "--fluid", "--volume", "--hours", *CONFIRMED),
    "params": (),
    "params set": ("--yes",),
    "params save": (),
    "params load": ("--yes",),
    "refill": (),
    "refill begin": (),
    "refill withdrawn": (),
    "refill finish": ("--volume", "--fluid", "--early", "--yes"),
    "refill cancel": (),
    "draft": (),
    "draft show": (),
    "draft drop": (),
    "alarms": (),
    "alarms show": ("--plot",),
    "log": ("--follow", "--first", "--since", "--last", "--csv", "--wait"),
    "log rescue": ("--raw", "--from"),
    "serve": (
        *("--port", "--host", "--http-port", "--line-port", "--token-file"),
        *("--every", "--record", "--session", "--sessions"),
    ),
    "session": (),
    "session list": ("--sessions",),
    "session show": ("--sessions",),
    "session export": ("--kind", "--format", "--output", "--sessions"),
    "session report": ("--output", "--sessions"),
    "session prune": ("--days", "--yes", "--sessions"),
    "world": (),
    "pair": ("--name", "--role"),
    "keys": (),
    "keys list": (),
    "keys revoke": (),
    "keys erase": (),
    "bench": (),
    "calibrate": (
        *("--from", "--rate", "--strokes", "--points", "--rounds", "--balance", "--temperature"),
        *("--note", "--session", "--yes"),
    ),
    "selftest": ("--automatic", "--move", "--note", "--evidence", "--yes"),
    "evidence": (),
    "evidence diff": (),
    "evidence history": ("--output",),
    "bench new-test": (),
    "bench accuracy": (
        *("--rate", "--balance", "--sampling", "--shot", "--settling", "--period", "--temperature", "--evaporation"),
        *MEASURED,
    ),
    "bench bolus": ("--count", "--rate", "--balance", *MEASURED),
    "bench free-flow": ("--height", "--minutes", "--balance", *MEASURED),
    "bench occlusion": ("--rate", "--balance", *MEASURED),
    "bench start-up": ("--rate", "--balance", "--hours", "--prime", "--temperature", "--evaporation", *MEASURED),
    "bench weights": ("--output",),
    "bench weigh": ("--balance",),
    "bench report": (
        *("--rate", "--temperature", "--density", "--evaporation"),
        *("--sampling", "--shot", "--settling", "--limits", "--output"),
    ),
}
LESS: dict[str, tuple[str, ...]] = {
    "calibrate": ("--port", "--json"),
    "evidence": (),
    "evidence diff": ("--json",),
    "evidence history": (),
    "bench new-test": (),
    "bench weights": (),
    "bench accuracy": ("--port", "--json"),
    "bench bolus": ("--port", "--json"),
    "bench free-flow": ("--port", "--json"),
    "bench occlusion": ("--port", "--json"),
    "bench start-up": ("--port", "--json"),
    "serve": ("--json",),
    "session": (),
    "session list": ("--json",),
    "session show": ("--json",),
    "session export": (),
    "session report": (),
    "session prune": ("--json",),
    "world": ("--port", "--json"),
    "bench": (),
    "bench weigh": ("--json",),
    "bench report": ("--json",),
    "ports": ("--json",),
    "wait": ("--port", "--json"),
    "config": (),
    "config show": ("--json",),
    "config set": (),
    "config unset": (),
    "sim": ("--json",),
    "flash": ("--port", "--json"),
    "deploy": ("--port", "--json"),
}


def verbs(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    yield " ".join(path), command
    for name, below in getattr(command, "commands", {}).items():
        yield from verbs(below, (*path, name))


COMMANDS = dict(verbs(typer.main.get_command(app)))


def test_every_verb_is_listed_here() -> None:
    assert set(COMMANDS) == set(OWN)


@pytest.mark.parametrize("verb", OWN)
def test_each_verb_has_its_own_and_the_shared_options(verb: str) -> None:
    listed = {parameter.opts[0] for parameter in COMMANDS[verb].params if parameter.opts[0].startswith("--")}
    assert listed == {*OWN[verb], *LESS.get(verb, SHARED)}
    shown = CliRunner().invoke(app, [*verb.split(), "--help"], env={"COLUMNS": "200"}).stdout
    assert all(option in shown for option in listed)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("leaf", Options()),
        ("--port a --json leaf", Options("a", True, None)),
        ("--port a leaf --port b --timeout 2", Options("b", False, 2.0)),
        ("--timeout 1 group --json", Options(None, True, 1.0)),
        ("--timeout 1 group --port a leaf --json", Options("a", True, 1.0)),
        ("group --timeout 1 leaf --timeout 3", Options(None, False, 3.0)),
    ],
)
def test_options_before_and_after_the_verb_combine(words: str, expected: Options) -> None:
    seen: list[Options] = []

    @options.shared_options
    def verb(chosen: Options) -> None:
        seen.append(chosen)

    group = typer.Typer(invoke_without_command=True)
    group.callback()(verb)
    group.command("leaf")(verb)
    root = typer.Typer()
    root.callback()(options.shared_options(lambda chosen: None))
    root.command("leaf")(verb)
    root.add_typer(group, name="group")
    result = CliRunner().invoke(root, words.split())
    assert (result.exit_code, seen) == (0, [expected])
