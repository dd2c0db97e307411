"""Boards without hardware: a folder replaces the BOOTSEL volume, and an mpremote only records its calls."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pumpctl import ports
from pumpctl.flashing import bootsel, flash

RP2040, RP2350 = 0xE48BFF56, 0xE48BFF59
INFO = "UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: {}\r\n"
QUICK = flash.Times(volume_s=0, gone_s=0.5, hello_s=0, reply_s=0.1)


def blocks(count: int = 3, family: int = RP2040) -> bytes:
    """A small image, written by the format's description and not by the project's code."""
    whole = b""
    for number in range(count):
        head = struct.pack("<8I", 0x0A324655, 0x9E5D5157, 0x2000, 0x10000000 + 256 * number, 256, number, count, family)
        whole += head + bytes([number]) * 256 + bytes(220) + struct.pack("<I", 0x0AB16F30)
    return whole


class Board:
    """A board in BOOTSEL mode: accepts an image, then its volume disappears."""

    def __init__(self, folder: Path, board_id: str = "RPI-RP2") -> None:
        folder.mkdir()
        self.folder = folder
        (folder / bootsel.INFO).write_text(INFO.format(board_id))
        self.got = b""

    def volumes(self) -> list[bootsel.Volume]:
        return bootsel.volumes(lambda: iter([self.folder]))

    def start(self, *_: Any) -> None:
        """Start the image, as the real board does after the last block."""
        self.got = next(self.folder.glob("*.uf2")).read_bytes()
        (self.folder / bootsel.INFO).unlink()


class Mpremote:
    """Records the calls; returns `output` and the exit code `code`."""

    def __init__(self, output: str = "", code: int = 0, then: Callable[[], Any] = lambda: None) -> None:
        self.calls: list[list[str]] = []
        self.output, self.code, self.then = output, code, then

    def __call__(self, words: Sequence[str]) -> tuple[int, str]:
        self.calls.append(list(words))
        self.then()
        return self.code, self.output


class Prompt:
    """A transport to a board whose REPL answers, or to a release image, which has no REPL."""

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


def tools(board: Board, memory: Any = None, device: Any = None, runner: Any = None) -> flash.Tools:
    """The functions that flash uses: mpremote, the volumes, a link to the device, the ports."""
    here = [ports.Port("/dev/pico", "", "2E8A:0005", "", True)] if device else []
    return flash.Tools(
        runner or Mpremote(),
        board.volumes,
        lambda port: memory(device),
        lambda: [] if board.volumes() else here,  # in BOOTSEL mode a board has no port
    )
