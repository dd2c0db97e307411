"""Flash as a whole: from a board that runs or waits in BOOTSEL to the pump that says what it is."""

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


def test_a_board_in_bootsel_gets_the_image_and_says_what_it_runs(
    board: Board, image: uf2.Image, memory: Any, device: Any
) -> None:
    said: list[str] = []
    runner = Mpremote()
    hello = flash.flash(image, None, None, said.append, tools=tools(board, memory, device, runner), times=QUICK)
    assert board.got == image.data
    assert hello.version == "0.1.0"
    assert runner.calls == []
    assert [line.split()[0] for line in said] == ["Writing", "The"]


def test_a_board_that_runs_is_sent_into_bootsel_by_mpremote(
    tmp_path: Path, image: uf2.Image, memory: Any, device: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Board] = []

    def into_bootsel() -> None:
        made.append(Board(tmp_path / "RPI-RP2"))
        monkeypatch.setattr(bootsel.os, "fsync", made[0].start)

    runner = Mpremote(then=into_bootsel)
    transports = iter([memory(device), Prompt(), memory(device)])
    tools = flash.Tools(
        runner, lambda: made[0].volumes() if made else [], lambda port: next(transports), list
    )
    device.answers["status"]["state"] = _state("standby")
    flash.flash(image, "/dev/pico", None, print, tools=tools, times=QUICK)
    assert runner.calls == [["connect", "/dev/pico", "bootloader"]]
    assert made[0].got == image.data


def test_a_pump_that_delivers_is_left_alone(image: uf2.Image, memory: Any, device: Any) -> None:
    runner = Mpremote()
    tools = flash.Tools(runner, list, lambda port: memory(device), list)
    device.answers["status"]["state"] = _state("infusing")
    with pytest.raises(errors.PumpBusy, match="infusing; `pumpctl stop` it first, or add --force"):
        flash.flash(image, "/dev/pico", None, print, tools=tools, times=QUICK)
    assert runner.calls == []


def test_a_release_image_leads_to_the_way_by_hand(image: uf2.Image) -> None:
    said: list[str] = []
    runner = Mpremote()
    tools = flash.Tools(runner, list, lambda port: Prompt(is_open=False), list)
    with pytest.raises(errors.NoVolume, match="hold its BOOTSEL button"):
        flash.flash(image, "/dev/pico", None, said.append, tools=tools, times=QUICK)
    assert runner.calls == []  # mpremote would wait for ever
    assert "jumper GP18" in said[0]
    assert said[1] == flash.BY_HAND


def test_another_image_than_the_one_written_is_told(
    board: Board, image: uf2.Image, memory: Any, device: Any
) -> None:
    image.path.with_name("stamp.json").write_text(json.dumps({"facts": {"version": "0.2.0", "image": "abc"}}))
    with pytest.raises(errors.WrongImage, match=r"version 0\.1\.0, and pump-release\.uf2 is 0\.2\.0"):
        flash.flash(image, None, None, print, tools=tools(board, memory, device), times=QUICK)


def test_files_that_stand_before_the_image_are_told(board: Board, image: uf2.Image, memory: Any, device: Any) -> None:
    image.path.with_name("stamp.json").write_text(json.dumps({"facts": {"image": "abc"}}))
    device.answers["hello"]["image"] = "abc+files"
    said: list[str] = []
    flash.flash(image, None, None, said.append, tools=tools(board, memory, device), times=QUICK)
    assert "make deploy" in said[-1]


def test_a_board_that_stays_silent_afterwards_is_told(board: Board, image: uf2.Image) -> None:
    with pytest.raises(errors.NoAnswer, match="written, but no pump answers"):
        flash.flash(image, None, None, print, tools=tools(board), times=QUICK)


def test_the_verb_says_one_sentence_and_its_exit_code(tmp_path: Path) -> None:
    (tmp_path / "x.uf2").write_bytes(blocks(family=RP2350))
    pico = Board(tmp_path / "RPI-RP2")
    result = CliRunner().invoke(app, ["flash", str(tmp_path / "x.uf2"), "--volume", str(pico.folder)])
    assert result.exit_code == errors.ExitCode.CHECK_FAILED
    assert result.stderr.count("\n") == 1
    assert "nothing was written" in result.stderr
