"""Processes of emulated Picos that outlive their simulations: which one is kept, for what, and until when."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pumpctl import errors
from pumpctl.sim import kept, process

# Its devices are numbered from 1; `truth` answers with the number and the command line of the present one.
EMULATOR = """
import json, sys
words, number = sys.argv[1:], 1
for line in sys.stdin:
    word, _, rest = line.strip().partition(" ")
    if word == "quit":
        break
    if word == "again":
        words, number = json.loads(rest)["args"], number + 1
    elif word == "truth":
        print("= " + json.dumps([number, words]), flush=True)
    elif word == "late":
        print("no reply\\n= broken", flush=True)
    elif word == "end":
        sys.exit(3)
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> process.Program:
    """An emulator; none of another test is kept meanwhile."""
    monkeypatch.setattr(kept, "_idle", [])
    monkeypatch.setattr(kept, "_users", 0)
    path = tmp_path / "emulator.py"
    path.write_text(EMULATOR)
    return process.Program((sys.executable, str(path), "--image"), {}, "", is_emulator=True)


def begin(program: process.Program, *words: str) -> process.Child:
    return kept.start(program, words, None, None)


def test_outside_each_process_ends_with_its_simulation(program: process.Program) -> None:
    child = begin(program)
    kept.end(child)
    assert not child.alive


def test_a_kept_process_starts_the_next_device_with_its_own_command_line_and_ends_at_the_end(
    program: process.Program,
) -> None:
    with kept.emulators(), kept.emulators():
        first = begin(program, "a")
        assert first.ask("truth") == [1, ["--image", "a"]]
        first.arrived += b"left"
        kept.end(first)
        second = begin(program, "b", "c")
        assert second is first
        assert (second.ask("truth"), bytes(second.arrived)) == ([2, ["--image", "b", "c"]], b"")
        third = begin(program)
        assert third.ask("truth")[0] == 1
        for child in (second, third):
            kept.end(child)
        assert (second.alive, third.alive) == (True, False)  # one is kept
    assert not second.alive


@pytest.mark.parametrize("why", ["a flash file", "a descriptor", "a log", "a pump of the unix build"])
def test_a_process_with_a_file_a_descriptor_or_a_log_is_not_kept(program: process.Program, why: str) -> None:
    reader, writer = os.pipe()
    words = ["--flash", "f"] if why == "a flash file" else []
    if why == "a pump of the unix build":
        program = process.Program(program.command, {}, "")
    with kept.emulators():
        child = kept.start(program, words, writer if why == "a descriptor" else None, print if why == "a log" else None)
        assert child.ask("truth")[0] == 1
        kept.end(child)
        assert not child.alive
    for end in (reader, writer):
        os.close(end)


@pytest.mark.parametrize("line", ["late", "end"])
def test_a_process_that_owes_a_reply_or_has_ended_is_not_used_again(program: process.Program, line: str) -> None:
    with kept.emulators():
        child = begin(program)
        with pytest.raises(errors.SimulatorDied):
            child.ask(line)
        kept.end(child)
        assert begin(program).ask("truth")[0] == 1


def test_a_kept_process_that_ended_meanwhile_is_replaced(program: process.Program) -> None:
    with kept.emulators():
        child = begin(program)
        kept.end(child)
        child.send("end")
        child.death()  # waits for its end
        other = begin(program)
        assert (other.ask("truth")[0], other is child) == (1, False)
        kept.end(other)
