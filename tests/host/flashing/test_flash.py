"""The whole of flashing: from a running board, or one in BOOTSEL mode, to the pump's answer afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_boards import QUICK, RP2350, Board, Mpremote, Prompt, blocks, tools
from pumpctl import defs, errors
from pumpctl.cli.main import app
from pumpctl.flashing import bootsel, flash, uf2
from typer.testing import CliRunner


def _state(name: str) -> int:
    return next(number for number, state in defs.STATES.items() if state.name == name)


def test_a_board_in_bootsel_gets_the_image_and_answers_hello(
    board: Board, image: uf2.Image, memory: Any, device: Any
) -> None:
    lines: list[str] = []
    runner = Mpremote()
    hello = flash.flash(image, None, None, lines.append, tools=tools(board, memory, device, runner), times=QUICK)
    assert board.got == image.data
    assert hello.version == "0.1.0"
    assert runner.calls == []
    assert [line.split()[0] for line in lines] == ["Writing", "The"]


def test_a_running_board_enters_bootsel_by_mpremote(
    tmp_path: Path, image: uf2.Image, memory: Any, device: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Board] = []

    def into_bootsel() -> None:
        made.append(Board(tmp_path / "RPI-RP2"))
        monkeypatch.setattr(bootsel.os, "fsync", made[0].start)

    runner = Mpremote(then=into_bootsel)
    transports = iter([memory(device), Prompt(), memory(device)])
    tools = flash.Tools(runner, lambda: made[0].volumes() if made else [], lambda port: next(transports), list)
    device.answers["status"]["state"] = _state("standby")
    flash.flash(image, "/dev/pico", None, print, tools=tools, times=QUICK)
    assert runner.calls == [["connect", "/dev/pico", "bootloader"]]
    assert made[0].got == image.data


def test_a_delivering_pump_is_not_interrupted(image: uf2.Image, memory: Any, device: Any) -> None:
    runner = Mpremote()
    tools = flash.Tools(runner, list, lambda port: memory(device), list)
    device.answers["status"]["state"] = _state("infusing")
    with pytest.raises(errors.PumpBusy, match="infusing; type `pumpctl stop` first, or add --force"):
        flash.flash(image, "/dev/pico", None, print, tools=tools, times=QUICK)
    assert runner.calls == []


def test_with_a_release_image_the_user_enters_bootsel_by_hand(image: uf2.Image) -> None:
    lines: list[str] = []
    runner = Mpremote()
    tools = flash.Tools(runner, list, lambda port: Prompt(is_open=False), list)
    with pytest.raises(errors.NoVolume, match="hold BOOTSEL while"):
        flash.flash(image, "/dev/pico", None, lines.append, tools=tools, times=QUICK)
    assert runner.calls == []  # mpremote would wait without end
    assert "jumper GP18" in lines[0]
    assert lines[1] == flash.BY_HAND


def test_another_image_than_the_one_written_is_reported(
    board: Board, image: uf2.Image, memory: Any, device: Any
) -> None:
    image.path.with_name("stamp.json").write_text(json.dumps({"details": {"version": "0.2.0", "image": "abc"}}))
    with pytest.raises(errors.WrongImage, match=r"version 0\.1\.0, but pump-release\.uf2 has 0\.2\.0"):
        flash.flash(image, None, None, print, tools=tools(board, memory, device), times=QUICK)


def test_files_that_replace_those_of_the_image_are_reported(
    board: Board, image: uf2.Image, memory: Any, device: Any
) -> None:
    image.path.with_name("stamp.json").write_text(json.dumps({"details": {"image": "abc"}}))
    device.answers["hello"]["image"] = "abc+files"
    lines: list[str] = []
    flash.flash(image, None, None, lines.append, tools=tools(board, memory, device), times=QUICK)
    assert "make deploy" in lines[-1]


def test_a_board_without_an_answer_afterwards_is_reported(board: Board, image: uf2.Image) -> None:
    with pytest.raises(errors.NoAnswer, match="written, but no pump answers"):
        flash.flash(image, None, None, print, tools=tools(board), times=QUICK)


def test_the_verb_prints_one_sentence_and_returns_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "x.uf2").write_bytes(blocks(family=RP2350))
    pico = Board(tmp_path / "RPI-RP2")
    result = CliRunner().invoke(app, ["flash", str(tmp_path / "x.uf2"), "--volume", str(pico.folder)])
    assert result.exit_code == errors.ExitCode.CHECK_FAILED
    assert result.stderr.count("\n") == 1
    assert "nothing was written" in result.stderr
