"""All output and questions: coloured at a terminal, plain elsewhere. Data goes to stdout, messages to stderr."""

from __future__ import annotations

import codecs
import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any

import typer

from pumpctl import errors
from pumpctl.cli.screen import layout

if TYPE_CHECKING:
    from pumpctl.protocol import answers

# Styles as the numbers of ANSI escape sequences (ECMA-48, select graphic rendition).
_STYLES = {
    "name": "2",
    "head": "1",
    "action": "1",
    "high": "1;37;41",
    "medium": "30;43",
    "low": "36",
    "now": "1;32",
}
# Control characters, and those that change the direction of text, apart from line ends and the sequences above: a
# terminal would execute what a device sends in its names and values.
_SEQUENCE = "|".join(map(re.escape, ["0", *_STYLES.values()]))
_CONTROLS = re.compile(rf"\x1b(?!\[(?:{_SEQUENCE})m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# What stands for a letter that the output's encoding lacks; any other is a question mark.
_INSTEAD = {"µ": "u", "°": "deg ", "·": "-", "–": "-", "\N{HORIZONTAL ELLIPSIS}": "...", "\N{MULTIPLICATION SIGN}": "x"}
_LOST = "pumpctl"  # the name of the handler of such letters


def _instead(error: UnicodeError) -> tuple[str | bytes, int]:
    """Return what is written in place of letters that an encoding lacks, or read in place of bytes that are no text."""
    if isinstance(error, UnicodeEncodeError):
        lost = error.object[error.start : error.end]
        return "".join(_INSTEAD.get(letter, "?") for letter in lost), error.end
    if isinstance(error, UnicodeDecodeError):
        return "\N{REPLACEMENT CHARACTER}", error.end
    raise error


def at_terminal(stream: IO[str] | None = None) -> bool:
    """Return whether a stream, stdout by default, is a terminal."""
    try:
        return (stream or sys.stdout).isatty()
    except ValueError:  # it is closed
        return False


def width(stream: IO[str] | None = None) -> int | None:
    """Return the columns of a terminal, None for a file or a pipe, whose lines have no limit."""
    return shutil.get_terminal_size().columns if at_terminal(stream) else None


def has_blocks() -> bool:
    """Return whether stdout's encoding has letters to draw with."""
    return (sys.stdout.encoding or "").lower().startswith("utf")


def painter(stream: IO[str] | None = None) -> layout.Paint:
    """Return what colours a text: at a terminal escape sequences, elsewhere and with NO_COLOR nothing."""
    if not at_terminal(stream) or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return layout.plain
    return lambda text, style: f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if style in _STYLES else text


@contextmanager
def _writing() -> Iterator[None]:
    """Raise OutputLost when stdout or stderr can't be written."""
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: it is closed
        raise errors.OutputLost(error) from error


def drop_output() -> None:
    """Send what is still waiting in stdout nowhere, or Python would fail again at its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def safe_streams() -> None:
    """Let no letter that a terminal lacks, no byte that is not text and no closed stream stop the program."""
    codecs.register_error(_LOST, _instead)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:  # it was closed before the start
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - until the end of the program
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_LOST)


def _harmless(text: str) -> str:
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def say(text: str) -> None:
    """Write a message to stderr."""
    with _writing():
        print(_harmless(text), file=sys.stderr, flush=True)


def ask(question: str, default: str | None = None) -> str:
    """Ask on stderr and return what was typed, or the default; raises Unanswered, and typer.Abort at Ctrl-C."""
    with _answering(question):
        return str(typer.prompt(_harmless(question), default=default, err=True))


def ask_yes(question: str) -> bool:
    """Ask on stderr and return whether the answer was yes; raises Unanswered, and typer.Abort at Ctrl-C."""
    with _answering(question):
        return typer.confirm(_harmless(question), err=True)


@contextmanager
def _answering(question: str) -> Iterator[None]:
    """Raise Unanswered when the input ends before an answer."""
    try:
        yield
    except typer.Abort as error:  # click raises it for Ctrl-C and for the end of the input alike
        if not isinstance(error.__context__, EOFError):
            raise
        say("")
        raise errors.Unanswered(question) from error


def prompt(text: str) -> None:
    """Write a prompt to stderr, without a line end."""
    with _writing():
        sys.stderr.write(text)
        sys.stderr.flush()


def overwrite(line: str, last: bool) -> bool:
    """At a terminal, write a message in place of the one before, the last one with its line end; tell whether."""
    if not at_terminal(sys.stderr):
        return False
    prompt(f"\r\x1b[K{line}" + ("\n" if last else ""))
    return True


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Show the text while something takes time, at a terminal only."""
    shown = f"{text} ..." if at_terminal(sys.stderr) else ""
    if shown:
        prompt(shown)
    try:
        yield
    finally:
        if shown:
            prompt("\r" + " " * len(shown) + "\r")


def put(line: str) -> None:
    """Write one line to stdout and flush it."""
    with _writing():
        sys.stdout.write(_harmless(line) + "\n")
        sys.stdout.flush()


def put_json(value: Any) -> None:
    """Write one line of JSON to stdout."""
    put(json.dumps(value, separators=(",", ":")))


def put_text(text: str) -> None:
    """Write sentences to stdout, wrapped at a terminal."""
    put("\n".join(layout.wrapped(text, width())))


def put_rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table to stdout; at a terminal that is too narrow for it, each row as a block."""
    listed = [[str(cell) for cell in row] for row in rows]
    put("\n".join(layout.table(columns, listed, width(), painter())))


def say_rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table to stderr, as part of a question."""
    listed = [[str(cell) for cell in row] for row in rows]
    say("\n".join(layout.table(columns, listed, width(sys.stderr), painter(sys.stderr))))


def put_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Write names and values to stdout, one pair per line."""
    put("\n".join(layout.pairs(pairs, width(), painter())))


def put_alarms(alarms: Sequence[answers.AlarmRow], uptime_s: int) -> None:
    """Write alarms with their texts and what to do, separated by empty lines."""
    put("\n\n".join("\n".join(alarm_lines(alarm, uptime_s, width(), painter())) for alarm in alarms))


def alarm_lines(
    alarm: answers.AlarmRow, uptime_s: int, columns: int | None = None, paint: layout.Paint = layout.plain
) -> list[str]:
    """Return an alarm with its priority as a word, its text and what to do."""
    from pumpctl.cli.screen import describe

    first, *more = layout.wrapped(describe.alarm_head(alarm, uptime_s), columns)
    head = paint(alarm.name, describe.priority(alarm)) + first[len(alarm.name) :]
    text = [] if alarm.definition is None else layout.wrapped(alarm.text, columns)
    return [head, *more, *text, *(paint(line, "action") for line in layout.wrapped(alarm.action, columns))]
