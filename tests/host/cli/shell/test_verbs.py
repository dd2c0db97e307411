"""The table of verbs agrees with their modules; help and Tab load none of them; narrow terminals cut no name."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
import typer
from pumpctl.cli.main import app
from pumpctl.cli.shell import verbs
from typer.testing import CliRunner

GROUP: Any = typer.main.get_command(app)


def first_sentence(text: str) -> str:
    return " ".join(text.split()).partition(". ")[0].rstrip(".") + "."


@pytest.mark.parametrize("name", verbs.VERBS)
def test_a_verbs_help_begins_as_the_table_says(name: str) -> None:
    assert first_sentence(GROUP.commands[name].help) == verbs.VERBS[name].help


@pytest.mark.parametrize("columns", [44, 80])
@pytest.mark.parametrize("words", [(), ("therapy", "set"), ("serve",), ("refill", "finish"), ("session", "export")])
def test_the_help_fits_a_narrow_terminal_and_cuts_no_name(words: tuple[str, ...], columns: int) -> None:
    command = GROUP
    for word in words:
        command = command.commands[word]
    shown = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": str(columns)}).stdout
    assert [line for line in shown.splitlines() if len(line) > columns] == []
    shown_words = shown.replace(",", " ").split()
    names = {name for parameter in command.params for name in parameter.opts if name.startswith("-")}
    assert names - set(shown_words) == set()


def loaded_by(code: str, **environment: str) -> set[str]:
    """Return the modules of the verbs that a program has loaded when it ends."""
    program = (
        "import atexit, sys\n"
        "atexit.register(lambda: print('LOADED', *(n for n in sys.modules if n.startswith('pumpctl'))))\n"
        f"{code}\nfrom pumpctl.cli.main import main\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.partition("LOADED ")[2].split())


LIGHT = {
    "pumpctl", "pumpctl.cli", "pumpctl.cli.completion", "pumpctl.cli.main", "pumpctl.cli.options", "pumpctl.cli.screen",
    "pumpctl.cli.screen.console", "pumpctl.cli.screen.failures", "pumpctl.cli.screen.layout", "pumpctl.cli.shell",
    "pumpctl.cli.shell.verbs", "pumpctl.errors", "pumpctl.frozen", "pumpctl.protocol", "pumpctl.protocol.timing",
}  # fmt: skip


def test_the_help_loads_no_verb() -> None:
    assert loaded_by("sys.argv = ['pumpctl', '--help']") <= LIGHT


def test_tab_completes_verbs_without_loading_one() -> None:
    words = {"_PUMPCTL_COMPLETE": "complete_bash", "COMP_WORDS": "pumpctl s", "COMP_CWORD": "1"}
    assert loaded_by("sys.argv = ['pumpctl']", **words) <= LIGHT
    done = CliRunner().invoke(app, [], prog_name="pumpctl", env=words)
    assert done.stdout.split() == [name for name in verbs.VERBS if name.startswith("s")]


def test_a_mistyped_verb_is_answered_with_one_that_exists() -> None:
    done = CliRunner().invoke(app, ["statsu"])
    assert (done.exit_code, "'status'" in done.stderr) == (2, True)
