"""Images and BOOTSEL: only an image for this board is written, and every failure of a copy is reported."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from fake_boards import QUICK, Board, blocks, tools
from pumpctl import errors
from pumpctl.flashing import bootsel, flash, uf2


class _Usage(tuple[int, int, int]):
    def __new__(cls, *numbers: int) -> _Usage:
        return super().__new__(cls, numbers)

    @property
    def free(self) -> int:
        return self[2]


def test_an_image_has_its_chip_and_its_pages(image: uf2.Image) -> None:
    assert (image.chip, image.board_id) == ("RP2040", "RPI-RP2")
    assert image.pages[2] == (0x10000200, b"\x02" * 256)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "multiple of 512"),
        (blocks()[:-1], "multiple of 512"),
        (blocks()[512:], "blocks are missing"),
        (b"PK" + blocks()[2:], "block 0 is not UF2"),
        (blocks()[:-4] + b"\0\0\0\0", "block 2 is not UF2"),
        (blocks(family=0x57755A57), "not for one of the chips"),
    ],
    ids=["empty", "cut", "first block missing", "zip", "end missing", "STM32"],
)
def test_a_file_that_is_no_image_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "x.uf2"
    path.write_bytes(data)
    with pytest.raises(errors.BadImage, match=why):
        uf2.read(path)


def test_for_a_missing_image_the_error_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(errors.BadImage, match="make firmware"):
        uf2.read(tmp_path / "x.uf2")


def test_only_a_boot_loaders_volume_counts(tmp_path: Path) -> None:
    (tmp_path / "stick").mkdir()
    one = Board(tmp_path / "RPI-RP2")
    assert bootsel.volumes(lambda: iter([tmp_path / "stick", one.folder, tmp_path / "gone"])) == one.volumes()
    assert one.volumes()[0].board_id == "RPI-RP2"


def test_an_image_for_another_board_is_refused_and_nothing_is_written(tmp_path: Path, image: uf2.Image) -> None:
    pico2 = Board(tmp_path / "RP2350", "RP2350")
    with pytest.raises(errors.WrongBoard, match=r"for a board with the RP2040 .* is RP2350; nothing was written"):
        flash.flash(image, None, pico2.folder, print, tools=tools(pico2))
    assert not list(pico2.folder.glob("*.uf2"))


def test_a_full_disk_is_reported_before_the_first_byte(
    board: Board, image: uf2.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootsel.shutil, "disk_usage", lambda path: _Usage(1, 1, 100))
    with pytest.raises(errors.VolumeUnfit, match="has 100 bytes free, but the image has 1536"):
        flash.flash(image, None, board.folder, print, tools=tools(board))
    assert not list(board.folder.glob("*.uf2"))


@pytest.mark.parametrize(("number", "words"), [(errno.EROFS, "Read-only"), (errno.ENOSPC, "No space")])
def test_a_failed_write_is_reported(
    board: Board, image: uf2.Image, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    (volume,) = board.volumes()
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(errors.VolumeUnfit, match=f"accepted only 0 of 1536 bytes .{words}"):
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


def test_a_board_that_does_not_start_is_reported(tmp_path: Path, image: uf2.Image) -> None:
    lazy = Board(tmp_path / "RPI-RP2")
    with pytest.raises(errors.VolumeUnfit, match="did not start it"):
        flash.flash(image, None, lazy.folder, print, tools=tools(lazy), times=QUICK)


def test_with_several_boards_the_user_must_choose(tmp_path: Path) -> None:
    both = Board(tmp_path / "a").volumes() + Board(tmp_path / "b").volumes()
    with pytest.raises(errors.NoVolume, match=r"Several boards .* --volume"):
        bootsel.wait_for(0, lambda: both)


def test_a_board_that_is_not_mounted_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootsel, "unmounted", lambda: "/dev/disk/by-label/RPI-RP2")
    with pytest.raises(errors.NoVolume, match="udisksctl mount -b /dev/disk/by-label/RPI-RP2"):
        bootsel.wait_for(0, list)
