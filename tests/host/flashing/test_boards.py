"""Port, board and volume belong together by serial number or socket; with two boards the user is asked; no rig."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fake_boards import QUICK, Board, Mpremote, Prompt, blocks
from pumpctl import errors, ports
from pumpctl.cli.main import app
from pumpctl.flashing import boards, bootsel, deploy, flash, uf2
from typer.testing import CliRunner

FIRST = ports.Port("/dev/ttyACM0", "", "2E8A:0005", "e660aa", True, "1-1.1")
SECOND = ports.Port("/dev/ttyACM1", "", "2E8A:0005", "e660bb", True, "1-1.2")
RIG = b'= {"error": "not understood: hello"}\n'


class Bench:
    """Two Picos with pumps; one enters BOOTSEL mode by mpremote and comes back with the image."""

    def __init__(self, folder: Path, device: Any, memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.running = [FIRST, SECOND]
        self.devices = {FIRST.device: device, SECOND.device: type(device)()}
        for port in self.running:
            self.devices[port.device].answers["hello"]["unique_id"] = port.serial_number
            self.devices[port.device].answers["status"]["state"] = 1
        self.boards: list[Board] = []
        self.asked: list[Sequence[str]] = []
        self.answer: int | None = None
        self.calls = Mpremote()
        self.back: ports.Port | None = None
        self._folder, self._memory = folder, memory
        self._looks: Counter[str] = Counter()
        monkeypatch.setattr(bootsel.os, "fsync", self._start)

    @property
    def tools(self) -> flash.Tools:
        return flash.Tools(self._mpremote, self.volumes, self._open, lambda: self.running, self._choose)

    def volumes(self) -> list[bootsel.Volume]:
        return [volume for board in self.boards for volume in board.volumes()]

    def into_bootsel(self, name: str = "RPI-RP2") -> Board:
        self.boards.append(Board(self._folder / name))
        return self.boards[-1]

    def _mpremote(self, words: Sequence[str]) -> tuple[int, str]:
        code = self.calls(words)
        self.running = [port for port in self.running if port.device != words[1]]
        self.into_bootsel()
        return code

    def _open(self, port: str) -> Any:
        if self.calls.calls or self._reached(port):
            return self._memory(self.devices[port])
        return Prompt()

    def _reached(self, port: str) -> bool:
        """A port is asked for its pump first, then for its prompt."""
        self._looks[port] += 1
        return self._looks[port] <= (2 if self.asked else 1)

    def _choose(self, names: Sequence[str]) -> int | None:
        self.asked.append(names)
        return self.answer

    def _start(self, _: int) -> None:
        self.boards[-1].start()
        if self.back:
            self.running = [*self.running, self.back]


@pytest.fixture
def bench(tmp_path: Path, device: Any, memory: Any, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, device, memory, monkeypatch)


def test_with_two_boards_the_user_is_asked_and_each_is_named(bench: Bench, image: uf2.Image) -> None:
    bench.answer = 1
    bench.back = ports.Port("/dev/ttyACM5", "", "2E8A:0005", "E660BB", True, "1-1.2")
    bench.devices["/dev/ttyACM5"] = bench.devices[SECOND.device]
    lines: list[str] = []
    hello = flash.flash(image, None, None, lines.append, tools=bench.tools, times=QUICK)
    assert hello.unique_id == "e660bb"
    assert bench.asked == [
        [
            "the board e660aa at /dev/ttyACM0 (pump 0.1.0, standby)",
            "the board e660bb at /dev/ttyACM1 (pump 0.1.0, standby)",
        ]
    ]
    assert bench.calls.calls == [["connect", "/dev/ttyACM1", "bootloader"]]
    assert "the board e660bb, which was at /dev/ttyACM1" in lines[-2]


def test_with_two_boards_and_nobody_to_ask_nothing_is_written(bench: Bench, image: uf2.Image) -> None:
    with pytest.raises(
        errors.NoPump, match=r"Several boards are there: .*e660aa.*e660bb.* --port or --volume"
    ) as caught:
        flash.flash(image, None, None, print, tools=bench.tools, times=QUICK)
    assert caught.value.exit_code == errors.ExitCode.NO_DEVICE
    assert bench.calls.calls == []


def test_a_board_in_bootsel_beside_a_running_one_is_asked_for_too(bench: Bench, image: uf2.Image) -> None:
    bench.running = [FIRST]
    bench.into_bootsel()
    with pytest.raises(errors.NoPump, match=r"RPI-RP2 \(in BOOTSEL mode\), the board e660aa at /dev/ttyACM0"):
        flash.flash(image, None, None, print, tools=bench.tools, times=QUICK)


def test_a_volume_that_was_there_before_is_not_that_of_the_board_at_the_port(
    bench: Bench, image: uf2.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = bench.into_bootsel("OTHER")
    bench.back = FIRST
    flash.flash(image, FIRST.device, None, print, tools=bench.tools, times=QUICK)
    assert (other.got, bench.boards[1].got) == (b"", image.data)


def test_a_port_and_the_volume_of_another_board_are_refused(bench: Bench, image: uf2.Image) -> None:
    other = bench.into_bootsel()
    with pytest.raises(errors.WrongBoard, match=r"is running, so .* is another board"):
        flash.flash(image, FIRST.device, other.folder, print, tools=bench.tools, times=QUICK)
    assert other.got == b""


def test_another_board_that_answers_afterwards_is_reported(bench: Bench, image: uf2.Image) -> None:
    bench.running = [FIRST]
    bench.back = FIRST
    bench.answer = 0
    bench.devices[FIRST.device].answers["hello"] = _changing(bench.devices[FIRST.device].answers["hello"])
    with pytest.raises(errors.WrongBoard, match="written to the board e660aa, but e660cc answers at /dev/ttyACM0"):
        flash.flash(image, FIRST.device, None, print, tools=bench.tools, times=QUICK)


def _changing(hello: dict[str, Any]) -> Any:
    """Answers `hello` as it is once, then with another unique id."""
    seen: list[None] = []

    def answer(_: dict[str, Any]) -> dict[str, Any]:
        seen.append(None)
        return hello if len(seen) == 1 else {**hello, "unique_id": "e660cc"}

    return answer


class RigLink(Prompt):
    """A transport to a rig, which answers every line of text."""

    def read(self, timeout_s: float) -> bytes:
        self._now_s += timeout_s
        answer, self.got = RIG * self.got.count(b"\n"), b""
        return answer


@pytest.mark.parametrize("force", [False, True])
def test_a_rig_is_never_flashed_as_a_pump(image: uf2.Image, force: bool) -> None:
    runner = Mpremote()
    tools = flash.Tools(runner, list, lambda port: RigLink(), lambda: [FIRST])
    for port in (None, FIRST.device):
        with pytest.raises(errors.WrongBoard, match="is a rig"):
            flash.flash(image, port, None, print, force, tools, QUICK)
    assert runner.calls == []


def test_no_files_of_the_firmware_are_copied_to_a_rig(tmp_path: Path) -> None:
    runner = Mpremote()
    with pytest.raises(errors.WrongBoard, match="is a rig"):
        deploy.deploy(FIRST.device, tmp_path, runner, lambda port: RigLink())
    assert runner.calls == []


def test_a_rig_beside_the_pump_is_left_out(bench: Bench, image: uf2.Image) -> None:
    bench.devices[SECOND.device] = None
    links = {SECOND.device: RigLink()}
    found = boards.choose(
        None,
        [],
        lambda: bench.running,
        lambda port: boards.examine(port, lambda name: links.get(name) or bench.tools.open_port(name), 0.1),
        lambda names: pytest.fail("one pump only"),
    )
    assert (found.port, found.unique_id) == (FIRST.device, "e660aa")


@pytest.mark.parametrize(
    ("serial_number", "expected"), [("E0C9125B0D9B", ("", "1-1.2")), ("E660BB\n", ("E660BB", "1-1.2"))]
)
def test_the_socket_of_a_volume_and_the_unique_id_of_its_board_are_those_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serial_number: str, expected: tuple[str, str]
) -> None:
    usb = tmp_path / "sys/devices/usb1/1-1/1-1.2"
    disk = usb / "1-1.2:1.0/host0/block/sda/sda1"
    disk.mkdir(parents=True)
    (usb / "idVendor").write_text("2e8a\n")
    (usb / "serial").write_text(serial_number)
    (tmp_path / "sys/class/block").mkdir(parents=True)
    (tmp_path / "sys/class/block/sda1").symlink_to(disk)
    (tmp_path / "mounts").write_text("/dev/sda1 /media/RPI\\040RP2 vfat rw 0 0\n")
    monkeypatch.setattr(bootsel, "_MOUNTS", tmp_path / "mounts")
    assert bootsel.usb_of(Path("/media/RPI RP2"), tmp_path / "sys") == expected
    assert bootsel.usb_of(Path("/media/other"), tmp_path / "sys") == ("", "")


@pytest.mark.parametrize(
    ("unique_id", "location", "mine"),
    [("E660AA", "", True), ("e660bb", "1-1.1", False), ("", "1-1.1", True), ("", "1-1.2", False), ("", "", None)],
)
def test_a_volume_is_tied_to_a_board_by_unique_id_or_socket(unique_id: str, location: str, mine: bool | None) -> None:
    board = boards.Board(FIRST.device, None, "e660aa", "1-1.1")
    assert board.owns(bootsel.Volume(Path("x"), "RPI-RP2", unique_id, location)) is mine


@pytest.mark.parametrize(("typed", "words"), [("3\n", "3 is not one of the boards"), ("", "The input ended at")])
def test_the_verb_asks_which_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, words: str) -> None:
    (tmp_path / "x.uf2").write_bytes(blocks())
    both = [*Board(tmp_path / "a").volumes(), *Board(tmp_path / "b").volumes()]
    monkeypatch.setattr(flash.Tools, "__init__", _fixed(flash.Tools.__init__, both))
    result = CliRunner().invoke(app, ["flash", str(tmp_path / "x.uf2")], input=typed)
    assert result.exit_code == 2
    assert words in result.stderr.splitlines()[-1]
    assert "1  a board at" in result.stderr


def _fixed(begin: Any, both: list[bootsel.Volume]) -> Any:
    def init(self: Any, **given: Any) -> None:
        begin(self, volumes=lambda: both, find_ports=list, **given)

    return init
