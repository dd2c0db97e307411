"""A flash by BOOTSEL: what each image leaves in a blank and in a used flash, and the start after it."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest
from emulated_run import DEVELOPMENT, EMULATOR, RELEASE, WITH_IMAGE, answers, talk
from interpreters import LONGEST_S, ROOT, program
from pumpctl import defs, sim
from pumpctl.flashing import uf2
from pumpctl.pump import Pump
from toolchain import steps
from toolchain.images import image, uf2 as written_uf2

REQUIREMENTS = ("S1",)

_LOADER = Path(__file__).parent / "load_uf2.mjs"
_BOARDS = image.boards(steps.Place(ROOT))
_KINDS = ("release", "dev", "new-board")
_ERASED = b"\xff"
_SETTLED_MS = 4_000  # a new journal is erased ahead in the first seconds
_READY_MS = 1_000
_MOUNT = """
import sys, vfs
data = open(sys.argv[1], "rb").read()
class Part:
    def readblocks(self, block, buffer, offset=0):
        at = block * 4096 + offset
        buffer[:] = data[at : at + len(buffer)]
    def writeblocks(self, block, buffer, offset=0):
        raise OSError(30)
    def ioctl(self, operation, argument):
        return {4: len(data) // 4096, 5: 4096}.get(operation, 0)
vfs.mount(vfs.VfsLfs2(Part(), progsize=256), "/there")
import os
print("mounted", os.listdir("/there"))
"""

pytestmark = [*EMULATOR, WITH_IMAGE]


def load(file: Path, chip: str, before: bytes, folder: Path) -> bytes:
    """The flash after a boot ROM has written the file."""
    place = folder / "before.bin"
    place.write_bytes(before)
    command = ["node", str(_LOADER), str(file), chip, str(place)]
    done = subprocess.run(command, capture_output=True, timeout=LONGEST_S, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def used(size: int) -> bytes:
    """A flash with other content everywhere."""
    return random.Random(1).randbytes(size)


def built(board: str, kind: str) -> Path:
    path = ROOT / "build/firmware" / board / f"pump-{kind}.uf2"
    if not path.is_file():
        pytest.skip(f"there is no image of {board}; `make firmware BOARD={board}` builds it")
    return path


@pytest.mark.parametrize("board", _BOARDS)
@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("content", ["blank", "used"])
def test_every_image_is_in_flash_as_in_its_file_and_nothing_else_is_touched(
    tmp_path: Path, board: str, kind: str, content: str
) -> None:
    file = uf2.read(built(board, kind))
    size = image.Board(steps.Place(ROOT), board).partition()["FLASH_BYTES"]
    before = used(size) if content == "used" else _ERASED * size
    after = load(file.path, file.chip, before, tmp_path)
    expected = bytearray(before)
    for address, page in file.pages:
        at = address - image.FLASH_START
        expected[at : at + len(page)] = page
    assert after == expected
    program_bytes = (file.path.with_name(f"pump-{kind.replace('new-board', 'release')}.bin")).read_bytes()
    assert after.startswith(program_bytes)


@pytest.mark.parametrize("board", _BOARDS)
@pytest.mark.parametrize("content", ["blank", "used"])
def test_the_image_for_a_new_board_leaves_an_empty_file_system(tmp_path: Path, board: str, content: str) -> None:
    part = image.Board(steps.Place(ROOT), board).partition()
    file = uf2.read(built(board, "new-board"))
    before = used(part["FLASH_BYTES"]) if content == "used" else _ERASED * part["FLASH_BYTES"]
    (tmp_path / "area.bin").write_bytes(
        load(file.path, file.chip, before, tmp_path)[part["FILE_SYSTEM_ADDRESS"] : part["FLASH_BYTES"]]
    )
    (tmp_path / "mount.py").write_text(_MOUNT)
    command = [str(program("pico-sized")), "-X", "heapsize=4m", str(tmp_path / "mount.py"), str(tmp_path / "area.bin")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, check=False)
    assert done.stdout == "mounted []\n", done.stderr


def test_a_piece_that_ends_within_a_sector_loses_the_next_one_on_an_rp2040_only(tmp_path: Path) -> None:
    """Erratum RP2040-E14, with a file that is not padded; it shows that the loader has the erase rule."""
    size, at = 64 * 1024, 32 * 1024
    pages = [*range(0, 4096 + 256, 256), *range(at, at + 8192, 256)]
    lost = {}
    for chip, name in (("RP2040", "rp2040"), ("RP2350", "rp2350-arm-s")):
        family = written_uf2.FAMILIES[name]
        blocks = [
            written_uf2._block(number, len(pages), image.FLASH_START + page, b"\x00" * 256, family)
            for number, page in enumerate(pages)
        ]
        file = tmp_path / f"{chip}.uf2"
        file.write_bytes(b"".join(blocks))
        after = load(file, chip, used(size), tmp_path)
        lost[chip] = [page for page in pages if after[page : page + 256] != bytes(256)]
    assert lost["RP2350"] == []
    # Each sector is erased when its sixteenth page comes, which is the first one that counts as of the next sector.
    assert lost["RP2040"] == [page for page in pages if page >= at and page % 4096 != 15 * 256]


@pytest.mark.parametrize("resets", [["power_on"], ["power_on", "watchdog"]])
def test_the_start_after_a_flash_by_bootsel_is_a_power_on_with_a_test_of_the_watchdog(resets: list[str]) -> None:
    with sim.Simulation(seed=1, emulated=True, options=["--bootsel", str(RELEASE)]) as simulation:
        simulation.run(_SETTLED_MS)
        if "watchdog" in resets:
            simulation.do("watchdog_reset")
            simulation.run(_READY_MS)
        before = simulation.truth()["resets"]
        simulation.do("bootsel")
        simulation.run(_READY_MS)
        assert simulation.truth()["resets"] == before + 2, "the boot ROM's restart, then the watchdog's test"
        with Pump.connect(simulation.transport()) as pump:
            rows, status = list(pump.log()), pump.status()
    causes = [defs.RESET_CAUSES[row.a].name for row in rows if row.name == "reset"]
    assert causes == [*resets, "power_on"], "the journal is kept, and no hang is reported"
    assert [row.name for row in rows].count("watchdog_proved") == 2
    assert status.state_name == "standby"


def test_the_action_needs_a_file_for_this_chip(tmp_path: Path) -> None:
    other = tmp_path / "other.uf2"
    other.write_bytes(written_uf2.encode([(image.FLASH_START, b"x")], written_uf2.FAMILIES["rp2350-arm-s"]))
    for options, words in (([], "--bootsel"), (["--bootsel", str(other)], "another chip")):
        (answer,) = answers(talk(["do bootsel"], *options, image=DEVELOPMENT))
        assert words in str(answer["error"])
