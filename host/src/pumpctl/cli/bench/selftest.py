"""`pumpctl selftest`: part by part, what the pump's own test found, and what to see at scope and meter."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pumpctl import errors
from pumpctl.cli import options
from pumpctl.cli.bench import run_options
from pumpctl.cli.options import Options, Yes
from pumpctl.cli.screen import confirm, console

if TYPE_CHECKING:
    from pumpctl.bench import selftest as walks

_ANSWERS: dict[str, bool | None] = {"y": True, "n": False, "s": None}


@options.shared_options
def selftest(
    chosen: Options,
    automatic: Annotated[
        bool, typer.Option("--automatic", help="Ask nothing: only what the pump itself can tell.")
    ] = False,
    move: Annotated[
        bool, typer.Option("--move", help="Also give 20 strokes, after confirmation; the line ends in a vessel.")
    ] = False,
    note: run_options.Note = "",
    folder: Annotated[
        Path, typer.Option("--evidence", help="Folder that gets the result as a new file.")
    ] = Path("evidence"),
    yes: Yes = False,
) -> None:
    """Test the bench part by part, with what to see at scope and meter; exit code 5 if something failed.

    A part that is missing is named, and the others are tested all the same. What was skipped stays open.
    """
    from pumpctl.bench import selftest as walks
    from pumpctl.testing.evidence import Evidence

    began = datetime.now(UTC)
    agree = confirm.agreement(yes, chosen.as_json)
    found = []
    with options.connected(chosen) as pump:
        about = {**walks.about(pump.hello), "note": note}
        record = Evidence("selftest", pump.hello.image, test="selftest", about=about)
        try:
            for row in walks.walk(pump, _skip if automatic or chosen.as_json else _ask, agree if move else None):
                found.append(row)
                if row.value is not None:
                    record.note(row.name, row.value, row.low, row.high, row.unit)
                if not chosen.as_json:
                    console.put_pairs([(row.name, _line(row))])
        finally:
            path = record.write(folder, began)  # also of a walk that was interrupted
    if chosen.as_json:
        console.put_json({"checks": [asdict(row) for row in found], "evidence": str(path)})
    counts = Counter(row.verdict for row in found)
    words = ", ".join(f"{counts[verdict]} {verdict}" for verdict in (walks.PASSED, walks.FAILED, walks.OPEN))
    console.say(f"{words}. The result is in {path}.")
    if counts[walks.FAILED]:
        raise typer.Exit(errors.ExitCode.CHECK_FAILED)


def _line(row: walks.Found) -> str:
    return f"{row.verdict}: {row.text.rstrip('.')}. {row.action}".rstrip()


def _ask(text: str, verdict: bool) -> bool | None:
    """Return the user's answer; without a verdict, Enter says that it was done."""
    if not verdict:
        word = console.ask(f"{text} Do it and press Enter, or type s to skip", default="")
        return _ANSWERS.get(word.strip().lower(), True)
    while True:
        word = console.ask(f"{text} As expected? y, n, or s to skip").strip().lower()
        if word in _ANSWERS:
            return _ANSWERS[word]


def _skip(_text: str, _verdict: bool) -> bool | None:
    return None
