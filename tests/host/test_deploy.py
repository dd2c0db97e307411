"""Flash and deploy without hardware: a folder stands for BOOTSEL, and an mpremote that only writes down its calls."""

from __future__ import annotations

import errno
import json
import os
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pumpctl import bootsel, defs, deploy, errors, flash, mpremote, ports, uf2
from pumpctl.cli import app
from typer.testing import CliRunner

RP2040, RP2350 = 0xE48BFF56, 0xE48BFF59
INFO = "UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: {}\r\n"
QUICK = flash.Times(volume_s=0, gone_s=0.5, hello_s=0, look_s=0.1)


def blocks(count: int = 3, family: int = RP2040) -> bytes:
    """A small image, written here by the format's description and by nobody's code."""
    whole = b""
    for number in range(count):
        head = struct.pack("<8I", 0x0A324655, 0x9E5D5157, 0x2000, 0x10000000 + 256 * number, 256, number, count, family)
        whole += head + bytes([number]) * 256 + bytes(220) + struct.pack("<I", 0x0AB16F30)
    return whole


@pytest.fixture
def image(tmp_path: Path) -> uf2.Image:
    path = tmp_path / "pump-release.uf2"
    path.write_bytes(blocks())
    return uf2.read(path)


class Board:
    """A board in BOOTSEL: takes an image, and then its volume goes away."""

    def __init__(self, folder: Path, board_id: str = "RPI-RP2") -> None:
        folder.mkdir()
        self.folder = folder
        (folder / bootsel.INFO).write_text(INFO.format(board_id))
        self.got = b""

    def volumes(self) -> list[bootsel.Volume]:
        return bootsel.volumes(lambda: iter([self.folder]))

    def start(self, *_: Any) -> None:
        """What the real one does after the last block."""
        self.got = next(self.folder.glob("*.uf2")).read_bytes()
        (self.folder / bootsel.INFO).unlink()


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Board:
    """A board that starts what is synced to it."""
    made = Board(tmp_path / "RPI-RP2")
    monkeypatch.setattr(bootsel.os, "fsync", made.start)
    return made


class Mpremote:
    """Writes down the calls; `said` answers the first, `code` is its exit code."""

    def __init__(self, said: str = "", code: int = 0, then: Callable[[], Any] = lambda: None) -> None:
        self.calls: list[list[str]] = []
        self.said, self.code, self.then = said, code, then

    def __call__(self, words: Sequence[str]) -> tuple[int, str]:
        self.calls.append(list(words))
        self.then()
        return self.code, self.said


class Prompt:
    """A transport behind which a REPL answers, or a release image that doesn't."""

    name = "prompt"

    def __init__(self, is_open: bool = True) -> None:
        self.is_open, self.closed, self.got, self._now_s = is_open, False, b"", 0.0

    def read(self, timeout_s: float) -> bytes:
        self._now_s += timeout_s
        return b"\r\nMicroPython\r\n>>> " if self.is_open and b"\x03" in self.got else b'{"event":[1]}*00000000\n'

    def write(self, data: bytes) -> None:
        self.got += data

    def now_s(self) -> float:
        return self._now_s

    def close(self) -> None:
        self.closed = True


# ---- the image ------------------------------------------------------------------------------------------------------


def test_an_image_tells_its_chip_and_its_pages(image: uf2.Image) -> None:
    assert (image.chip, image.board_id) == ("RP2040", "RPI-RP2")
    assert image.pages[2] == (0x10000200, b"\x02" * 256)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "whole number"),
        (blocks()[:-1], "whole number"),
        (blocks()[512:], "blocks are missing"),
        (b"PK" + blocks()[2:], "block 0 is not UF2"),
        (blocks()[:-4] + b"\0\0\0\0", "block 2 is not UF2"),
        (blocks(family=0x57755A57), "none of the chips"),
    ],
    ids=["empty", "cut", "first block lost", "zip", "end lost", "STM32"],
)
def test_a_file_that_is_no_image_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "x.uf2"
    path.write_bytes(data)
    with pytest.raises(errors.BadImage, match=why):
        uf2.read(path)


def test_an_image_that_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(errors.BadImage, match="make firmware"):
        uf2.read(tmp_path / "x.uf2")


# ---- BOOTSEL --------------------------------------------------------------------------------------------------------


def test_only_a_boot_loaders_volume_counts(tmp_path: Path) -> None:
    (tmp_path / "stick").mkdir()
    one = Board(tmp_path / "RPI-RP2")
    assert bootsel.volumes(lambda: iter([tmp_path / "stick", one.folder, tmp_path / "gone"])) == one.volumes()
    assert one.volumes()[0].board_id == "RPI-RP2"


def test_an_image_for_another_board_is_refused_and_nothing_is_written(tmp_path: Path, image: uf2.Image) -> None:
    pico2 = Board(tmp_path / "RP2350", "RP2350")
    with pytest.raises(errors.WrongBoard, match=r"for a board with the RP2040 .* is RP2350; nothing was written"):
        flash.flash(image, None, pico2.folder, print, tools=_tools(pico2))
    assert not list(pico2.folder.glob("*.uf2"))


def test_a_full_disk_is_told_before_the_first_byte(
    board: Board, image: uf2.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootsel.shutil, "disk_usage", lambda path: _Usage(1, 1, 100))
    with pytest.raises(errors.VolumeUnfit, match="has 100 bytes free, and the image 1536"):
        flash.flash(image, None, board.folder, print, tools=_tools(board))
    assert not list(board.folder.glob("*.uf2"))


@pytest.mark.parametrize(("number", "words"), [(errno.EROFS, "Read-only"), (errno.ENOSPC, "No space")])
def test_a_volume_that_does_not_take_bytes_is_told(
    board: Board, image: uf2.Image, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    (volume,) = board.volumes()
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(errors.VolumeUnfit, match=f"took 0 of 1536 bytes .{words}"):
        bootsel.write(volume, image)


def test_a_board_that_starts_before_the_copy_is_closed_is_no_error(
    board: Board, image: uf2.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanish(number: int) -> None:
        board.start()
        raise OSError(errno.EIO, "gone")

    monkeypatch.setattr(bootsel.os, "fsync", vanish)
    bootsel.write(board.volumes()[0], image)
    assert board.got == image.data


def test_a_volume_that_goes_away_in_the_middle_is_an_error(
    board: Board, image: uf2.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(number: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(bootsel.os, "fsync", fail)
    with pytest.raises(errors.VolumeUnfit, match="Input/output"):
        bootsel.write(board.volumes()[0], image)


def test_a_board_that_does_not_start_is_told(tmp_path: Path, image: uf2.Image) -> None:
    lazy = Board(tmp_path / "RPI-RP2")
    with pytest.raises(errors.VolumeUnfit, match="did not start it"):
        flash.flash(image, None, lazy.folder, print, tools=_tools(lazy), times=QUICK)


def test_several_boards_are_not_guessed_among(tmp_path: Path) -> None:
    both = Board(tmp_path / "a").volumes() + Board(tmp_path / "b").volumes()
    with pytest.raises(errors.NoVolume, match=r"Several boards .* --volume"):
        bootsel.wait_for(0, lambda: both)


def test_a_board_that_is_not_mounted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootsel, "unmounted", lambda: "/dev/disk/by-label/RPI-RP2")
    with pytest.raises(errors.NoVolume, match="udisksctl mount -b /dev/disk/by-label/RPI-RP2"):
        bootsel.wait_for(0, list)


# ---- flash, as a whole ----------------------------------------------------------------------------------------------


class _Usage(tuple[int, int, int]):
    def __new__(cls, *numbers: int) -> _Usage:
        return super().__new__(cls, numbers)

    @property
    def free(self) -> int:
        return self[2]


def _state(name: str) -> int:
    return next(number for number, state in defs.STATES.items() if state.name == name)


def _tools(board: Board, memory: Any = None, device: Any = None, runner: Any = None) -> flash.Tools:
    here = [ports.Port("/dev/pico", "", "2E8A:0005", "", True)] if device else []
    return flash.Tools(runner or Mpremote(), board.volumes, lambda port: memory(device), lambda: here)


def test_a_board_in_bootsel_gets_the_image_and_says_what_it_runs(
    board: Board, image: uf2.Image, memory: Any, device: Any
) -> None:
    said: list[str] = []
    runner = Mpremote()
    hello = flash.flash(image, None, None, said.append, tools=_tools(board, memory, device, runner), times=QUICK)
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
        flash.flash(image, None, None, print, tools=_tools(board, memory, device), times=QUICK)


def test_files_that_stand_before_the_image_are_told(board: Board, image: uf2.Image, memory: Any, device: Any) -> None:
    image.path.with_name("stamp.json").write_text(json.dumps({"facts": {"image": "abc"}}))
    device.answers["hello"]["image"] = "abc+files"
    said: list[str] = []
    flash.flash(image, None, None, said.append, tools=_tools(board, memory, device), times=QUICK)
    assert "make deploy" in said[-1]


def test_a_board_that_stays_silent_afterwards_is_told(board: Board, image: uf2.Image) -> None:
    with pytest.raises(errors.NoAnswer, match="written, but no pump answers"):
        flash.flash(image, None, None, print, tools=_tools(board), times=QUICK)


def test_the_verb_says_one_sentence_and_its_exit_code(tmp_path: Path) -> None:
    (tmp_path / "x.uf2").write_bytes(blocks(family=RP2350))
    pico = Board(tmp_path / "RPI-RP2")
    result = CliRunner().invoke(app, ["flash", str(tmp_path / "x.uf2"), "--volume", str(pico.folder)])
    assert result.exit_code == errors.ExitCode.CHECK_FAILED
    assert result.stderr.count("\n") == 1
    assert "nothing was written" in result.stderr


# ---- mpremote and deploy --------------------------------------------------------------------------------------------


def test_a_closed_repl_is_found_out_and_the_port_given_back() -> None:
    transport = Prompt(is_open=False)
    with pytest.raises(errors.ReplClosed, match="jumper GP18"):
        mpremote.knock(transport)
    assert transport.closed
    assert transport.now_s() < 4


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("mpremote: failed to access /dev/pico (it may be in use by another program)", errors.PortBusy),
        ("TransportError: could not enter raw repl", errors.ReplClosed),
        ("/usr/bin/python: No module named mpremote", errors.MpremoteFailed),
        ("Traceback\nOSError: [Errno 28] ENOSPC", errors.MpremoteFailed),
        ("", errors.MpremoteFailed),
    ],
)
def test_what_mpremote_says_becomes_one_cause(said: str, kind: type[errors.PumpError]) -> None:
    with pytest.raises(kind):
        mpremote.call("/dev/pico", ["exec", "1"], Mpremote(said, 1))


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A checkout with three files."""
    rows = [["pump/app.py", "a.py"], ["pump/wire.py", "b.py"], ["board.py", "c.py"]]
    (tmp_path / "package.json").write_text(json.dumps({"urls": rows}))
    for _, name in rows:
        (tmp_path / name).write_text(name)
    return tmp_path


def _deployed(sources: Path, listed: dict[str, str] | None) -> tuple[deploy.Plan, list[list[str]]]:
    said = "storage 0\r\n" + (f"list {json.dumps(listed)}\r\n" if listed is not None else "")
    runner = Mpremote(said)
    return deploy.deploy("/dev/pico", sources, runner, lambda port: Prompt()), runner.calls


def test_the_first_time_all_is_copied_and_the_list_comes_last(sources: Path) -> None:
    todo, calls = _deployed(sources, None)
    assert todo.copy == ("pump/app.py", "pump/wire.py", "board.py")
    text = " ".join(calls[1])
    places = [text.index(word) for word in ("os.remove('/deployed.json')", "os.mkdir('/pump')", ":/pump/app.py")]
    assert places == sorted(places)
    assert text.endswith(":/deployed.json + reset")


def test_later_only_what_has_changed_is_copied_and_what_is_gone_is_removed(sources: Path) -> None:
    listed = deploy.plan(deploy.files(sources), {}).hashes
    (sources / "b.py").write_text("other")
    todo, calls = _deployed(sources, {**listed, "pump/old.py": "0"})
    assert (todo.copy, todo.remove) == (("pump/wire.py",), ("pump/old.py",))
    assert "os.remove('/pump/old.py')" in calls[1][3]
    assert ":/board.py" not in calls[1]


def test_without_a_change_the_board_only_starts_again(sources: Path) -> None:
    _, calls = _deployed(sources, deploy.plan(deploy.files(sources), {}).hashes)
    assert calls[1:] == [["connect", "/dev/pico", "reset"]]


def test_a_damaged_list_means_copy_all(sources: Path) -> None:
    runner = Mpremote("storage 0\nlist {half")
    assert len(deploy.deploy("/dev/pico", sources, runner, lambda port: Prompt()).copy) == 3


def test_a_damaged_file_system_is_left_as_it_is(sources: Path) -> None:
    runner = Mpremote("storage 2\n")
    with pytest.raises(errors.FileSystemUnfit, match=r"storage\.make\(\)"):
        deploy.deploy("/dev/pico", sources, runner, lambda port: Prompt())
    assert len(runner.calls) == 1


def test_a_release_image_gets_no_file(sources: Path) -> None:
    runner = Mpremote()
    with pytest.raises(errors.ReplClosed):
        deploy.deploy("/dev/pico", sources, runner, lambda port: Prompt(is_open=False))
    assert runner.calls == []
