"""What a listener hears is recorded once, and every hole is marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pumpctl import listening
from pumpctl.protocol import answers
from pumpctl.session import follow, recording, store

STATUS = answers.Status(
    **{**{field.name: 0 for field in fields(answers.Status)}, "fluid": "none", "silenced": False, "boot": 1}  # type: ignore[arg-type]
)


def recorded(path: Path, heard: list[listening.Item]) -> tuple[list[int], list[str]]:
    """The uptimes (s) of the telemetry and the causes of the gaps in a session of a listener that heard this."""

    def listen(_period_s: int) -> Iterator[listening.Item]:
        yield from heard

    def ask(_question: Any) -> tuple[list[answers.LogRow], bool]:
        return [], False

    session = recording.Recording(path, "test", {}, print)
    listener: Any = SimpleNamespace(listen=listen, ask=ask)
    list(follow.items(listener, 10, session))
    session.close()
    with store.to_read(path) as database:
        uptimes = [row["uptime_ms"] // 1000 for row in store.rows(database, "telemetry")]
        return uptimes, [row["cause"] for row in store.rows(database, "gap")]


def at(*uptimes_s: int, boot: int = 1) -> list[listening.Item]:
    return [replace(STATUS, uptime_s=uptime_s, boot=boot) for uptime_s in uptimes_s]


def test_a_status_that_comes_as_telemetry_and_as_an_answer_is_stored_once(tmp_path: Path) -> None:
    assert recorded(tmp_path / "a", at(10, 20, 20, 30)) == ([10, 20, 30], [])


def test_a_hole_in_the_telemetry_is_marked(tmp_path: Path) -> None:
    assert recorded(tmp_path / "a", at(10, 40, 71)) == ([10, 40, 71], ["telemetry"])


def test_a_hole_that_has_another_mark_gets_no_second_one(tmp_path: Path) -> None:
    heard = [*at(10), listening.Gap("absence", "x"), *at(500), listening.Gap("reset", "x"), *at(500, boot=2)]
    assert recorded(tmp_path / "a", heard) == ([10, 500, 500], ["absence", "reset"])
