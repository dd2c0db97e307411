"""The REPL lock: closed in a release image unless the jumper is set at power-on (C9); the drive is off."""

import importlib.util
import runpy
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REQUIREMENTS = ("C9", "S3")
ROOT = Path(__file__).resolve().parents[2]
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


marked: list[bool] = []  # resets marked as after an error
watchdogs: list[str] = []  # what the watchdog was told


def _raise(pin: Pin) -> int:
    raise OSError("broken")


def reset() -> None:
    raise Reset


@pytest.fixture
def lock_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Any, list[int]]]:
    """boards/rpi_pico/repl_lock.py after set_up and close, with or without the jumper; and the setting of Ctrl-C."""

    def make(release: bool, jumper: bool, broken: bool = False) -> tuple[Any, list[int]]:
        interrupts: list[int] = []
        watchdogs.clear()
        Pin.levels = {JUMPER: 0 if jumper else 1, ENABLE: 0}
        monkeypatch.setattr(sys, "path", ["", "/lib", ".frozen"])
        for name, members in (
            ("build_info", {"RELEASE": release}),
            ("machine", {"Pin": Pin, "reset": reset}),
            ("micropython", {"kbd_intr": interrupts.append}),
            (
                "reset_cause",
                {"mark_fault": lambda: marked.append(release), "start_watchdog": lambda: watchdogs.append("started")},
            ),
            ("pins", {"JUMPER": JUMPER, "ENABLE": ENABLE, "RED": RED}),
            ("time", {"sleep_us": lambda span_us: None, "sleep_ms": lambda span_ms: None}),
        ):
            monkeypatch.setitem(sys.modules, name, types.SimpleNamespace(**members))
        found = importlib.util.spec_from_file_location("lock_under_test", ROOT / "boards/rpi_pico/repl_lock.py")
        assert found and found.loader
        lock = importlib.util.module_from_spec(found)
        found.loader.exec_module(lock)
        if broken:
            monkeypatch.setattr(Pin, "value", _raise)
            with pytest.raises(OSError, match="broken"):
                lock.set_up()
        else:
            lock.set_up()
        lock.close()
        return lock, interrupts

    return make


@pytest.mark.parametrize(
    ("release", "jumper", "is_open"), [(True, False, False), (True, True, True), (False, False, True)]
)
def test_the_way_is_open_with_the_jumper_or_in_a_development_image(
    lock_of: Callable[..., tuple[Any, list[int]]], release: bool, jumper: bool, is_open: bool
) -> None:
    lock, interrupts = lock_of(release, jumper)
    assert lock.is_open == is_open
    assert interrupts == ([] if is_open else [-1])
    assert sys.path == ([".frozen", "", "/lib"] if is_open else [".frozen"])
    assert Pin.levels[ENABLE] == 1  # no current in the coils


def test_the_way_stays_closed_when_the_jumper_cannot_be_read(lock_of: Callable[..., tuple[Any, list[int]]]) -> None:
    lock, interrupts = lock_of(True, True, broken=True)
    assert not lock.is_open
    assert interrupts == [-1]
    assert sys.path == [".frozen"]
    assert Pin.levels[ENABLE] == 1


def test_an_end_of_the_firmware_leads_to_the_repl_only_where_the_way_is_open(
    lock_of: Callable[..., tuple[Any, list[int]]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "print_exception", print, raising=False)
    lock, _ = lock_of(True, False)
    Pin.levels[ENABLE] = 0
    marked.clear()
    with pytest.raises(Reset):
        lock.exit(ValueError("broken"))
    assert marked == [True]
    assert watchdogs == ["started"]  # the blinking is covered as well, and isn't cut short
    assert Pin.levels[ENABLE] == 1
    assert "broken" in capsys.readouterr().out
    lock, _ = lock_of(True, True)
    with pytest.raises(ValueError, match="broken"):
        lock.exit(ValueError("broken"))


@pytest.mark.parametrize("is_open", [False, True])
def test_the_watchdog_runs_before_the_board_is_set_up_and_an_error_there_leads_to_the_way_out(
    monkeypatch: pytest.MonkeyPatch, is_open: bool
) -> None:
    told: list[str] = []
    lock = {"is_open": is_open, "close": lambda: told.append("close"), "exit": lambda error: told.append(str(error))}
    cause = {"test_watchdog": lambda: told.append("test"), "start_watchdog": lambda: told.append("start")}
    monkeypatch.setitem(sys.modules, "repl_lock", types.SimpleNamespace(**lock))
    monkeypatch.setitem(sys.modules, "reset_cause", types.SimpleNamespace(**cause))
    monkeypatch.setitem(sys.modules, "board", None)  # importing it raises
    runpy.run_path(str(ROOT / "boards/rpi_pico/main.py"))
    *before, error = told
    assert before == (["close"] if is_open else ["close", "test", "start"])
    assert "board" in error
