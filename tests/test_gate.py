"""The way to the REPL: closed in a release image but for the jumper at power-on (C9); the drive is off."""

import importlib.util
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REQUIREMENTS = ("C9",)
ROOT = Path(__file__).resolve().parents[1]
JUMPER, ENABLE, RED = 1, 2, 3


class Pin:
    OUT, IN, PULL_UP = range(3)
    levels: dict[int, int]  # by number

    def __init__(self, number: int, mode: int, pull: int | None = None, value: int | None = None) -> None:
        self._number = number
        assert (mode == Pin.OUT) == (value is not None)
        assert mode == Pin.OUT or pull == Pin.PULL_UP, "a jumper that is missing reads as high"
        if value is not None:
            Pin.levels[number] = value

    def value(self) -> int:
        return Pin.levels[self._number]

    def toggle(self) -> None:
        Pin.levels[self._number] ^= 1


class Reset(Exception):
    pass


marked: list[bool] = []  # resets that were to be told as after an error


def reset() -> None:
    raise Reset


@pytest.fixture
def gate_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Any, list[int]]]:
    """boards/rpi_pico/gate.py after its set_up and close with or without the jumper; and what Ctrl-C was set to."""

    def make(release: bool, jumper: bool) -> tuple[Any, list[int]]:
        interrupts: list[int] = []
        Pin.levels = {JUMPER: 0 if jumper else 1, ENABLE: 0}
        monkeypatch.setattr(sys, "path", ["", "/lib", ".frozen"])
        for name, members in (
            ("image", {"RELEASE": release}),
            ("machine", {"Pin": Pin, "reset": reset}),
            ("micropython", {"kbd_intr": interrupts.append}),
            ("resets", {"mark_fault": lambda: marked.append(release)}),
            ("pins", {"JUMPER": JUMPER, "ENABLE": ENABLE, "RED": RED}),
            ("time", {"sleep_us": lambda span_us: None, "sleep_ms": lambda span_ms: None}),
        ):
            monkeypatch.setitem(sys.modules, name, types.SimpleNamespace(**members))
        found = importlib.util.spec_from_file_location("gate_under_test", ROOT / "boards/rpi_pico/gate.py")
        assert found and found.loader
        gate = importlib.util.module_from_spec(found)
        found.loader.exec_module(gate)
        gate.set_up()
        gate.close()
        return gate, interrupts

    return make


@pytest.mark.parametrize(
    ("release", "jumper", "is_open"), [(True, False, False), (True, True, True), (False, False, True)]
)
def test_the_way_is_open_with_the_jumper_or_in_a_development_image(
    gate_of: Callable[..., tuple[Any, list[int]]], release: bool, jumper: bool, is_open: bool
) -> None:
    gate, interrupts = gate_of(release, jumper)
    assert gate.is_open == is_open
    assert interrupts == ([] if is_open else [-1])
    assert sys.path == (["", "/lib", ".frozen"] if is_open else [".frozen"])
    assert Pin.levels[ENABLE] == 1  # no current in the coils


def test_an_end_of_the_firmware_leads_to_the_repl_only_where_the_way_is_open(
    gate_of: Callable[..., tuple[Any, list[int]]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "print_exception", print, raising=False)
    gate, _ = gate_of(True, False)
    Pin.levels[ENABLE] = 0
    marked.clear()
    with pytest.raises(Reset):
        gate.leave(ValueError("broken"))
    assert marked == [True]
    assert Pin.levels[ENABLE] == 1
    assert "broken" in capsys.readouterr().out
    gate, _ = gate_of(True, True)
    with pytest.raises(ValueError, match="broken"):
        gate.leave(ValueError("broken"))
