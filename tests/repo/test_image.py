"""The images of the boards: how and when they are built, and their content; and the file system at a mount."""

import ast
import itertools
import json
import re
import shutil
import struct
import subprocess
import sys
import zlib

import pytest
from interpreters import LONGEST_S, ROOT, program
from pumpctl.flashing import uf2 as host_uf2
from toolchain import interpreters, package_list, source, steps
from toolchain.images import binary_info, image, pico_source, seal, uf2
from toolchain.machine import Machine

REQUIREMENTS = ("C9", "S2")
BOARDS = image.boards(steps.Place(ROOT))
BUILT = [name for name in BOARDS if (ROOT / "build" / "firmware" / name / "stamp.json").is_file()]
CORES = {"rpi_pico": "rp2040", "rpi_pico2": "rp2350-arm-s"}


# ---- UF2 ------------------------------------------------------------------------------------------------------------


def test_what_is_written_is_read_back_by_the_host(tmp_path):
    path = tmp_path / "x.uf2"
    path.write_bytes(uf2.encode([(0x10000000, bytes(range(256)) * 3), (0x10180000, b"end")], uf2.FAMILIES["rp2040"]))
    read = host_uf2.read(path)
    assert (read.chip, len(read.data)) == ("RP2040", 32 * 512)
    whole_sectors = [*range(0x10000000, 0x10001000, 256), *range(0x10180000, 0x10181000, 256)]
    assert [address for address, _ in read.pages] == whole_sectors
    assert read.pages[1][1] == bytes(range(256))
    assert read.pages[3][1] == read.pages[17][1] == b"\xff" * 256
    assert read.pages[16][1] == b"end" + b"\xff" * 253


def test_a_block_is_what_the_format_says():
    file = uf2.encode([(0x10000000, b"\xaa" * 256)], uf2.FAMILIES["rp2040"])
    block = file[:512]
    assert len(file) == 16 * 512
    assert block[:8] == b"UF2\n" + bytes.fromhex("57515d9e")
    assert struct.unpack("<6I", block[8:32]) == (0x2000, 0x10000000, 256, 0, 16, 0xE48BFF56)
    assert block[32:288] == b"\xaa" * 256
    assert block[288:508] == bytes(220)
    assert block[508:] == bytes.fromhex("306fb10a")


def test_a_piece_that_begins_within_a_sector_is_refused():
    with pytest.raises(ValueError, match="0x10000100"):
        uf2.encode([(0x10000100, b"x")], uf2.FAMILIES["rp2040"])


# ---- the flash ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BOARDS)
def test_the_areas_of_the_flash_follow_each_other_to_its_end(name):
    board = image.Board(steps.Place(ROOT), name)
    part = board.partition()
    assert part["PROGRAM_BYTES"] == part["KEYS_ADDRESS"]
    assert part["KEYS_ADDRESS"] + part["KEYS_BYTES"] == part["JOURNAL_ADDRESS"]
    assert part["JOURNAL_ADDRESS"] + part["JOURNAL_BYTES"] == part["FILE_SYSTEM_ADDRESS"]
    assert part["FILE_SYSTEM_ADDRESS"] + part["FILE_SYSTEM_BYTES"] == part["FLASH_BYTES"]
    assert all(part[key] % part["SECTOR_BYTES"] == 0 for key in ("KEYS_BYTES", "JOURNAL_BYTES", "FILE_SYSTEM_BYTES"))
    assert board.chip == CORES[name]


@pytest.mark.parametrize("file", ["rpi_pico/board.py", "rpi_pico/demo/board.py", "unix/board.py"])
def test_a_board_offers_all_that_the_firmware_asks_of_one(file):
    def names(body):
        for node in body:
            if isinstance(node, ast.FunctionDef):
                yield node.name
            elif isinstance(node, ast.AnnAssign):
                yield node.target.id
            elif isinstance(node, ast.Assign):
                yield from (target.id for target in node.targets if isinstance(target, ast.Name))
            elif isinstance(node, ast.If):
                yield from names(node.body)
                yield from names(node.orelse)

    contract = ast.parse((ROOT / "firmware/pump/hal.py").read_text())
    (board,) = [node for node in ast.walk(contract) if isinstance(node, ast.ClassDef) and node.name == "Board"]
    assert set(names(board.body)) - set(names(ast.parse((ROOT / "boards" / file).read_text()).body)) == set()


def test_the_package_list_is_fresh():
    assert (ROOT / "firmware" / "files.json").read_text() == package_list.text(), "type: make gen"
    listed = json.loads((ROOT / "firmware" / "files.json").read_text())["urls"]
    assert all((ROOT / path).is_file() for _, path in listed)


# ---- the build, with stand-ins for the compilers that record their calls --------------------------------------------

_MAKE = """#!{python}
import struct
import sys
from pathlib import Path
place = Path(sys.argv[sys.argv.index("-C") + 1])
with open({calls!r}, "a") as out:
    out.write("make\\n")
said = (place / "chosen" / "build_info.py").read_bytes()
no_info = struct.pack("<5I", 0x7188EBF2, 0x10000014, 0x10000014, 0, 0xE71AA390)
(place / "firmware.bin").write_bytes(no_info + b"P" * {size} + said)
(place / "firmware.elf").write_bytes(b"E" + said)
"""


@pytest.fixture
def workshop(tmp_path, monkeypatch):
    """A checkout with the board's files and stand-ins for the compilers; returns (build, calls, root)."""
    root = tmp_path / "checkout"
    for part in ("firmware", "boards/rpi_pico", "boards/unix", "hil/plant"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    tools, calls = tmp_path / "tools", tmp_path / "calls"
    tools.mkdir()
    calls.touch()

    def put(size):
        (tools / "make").write_text(_MAKE.format(python=sys.executable, calls=str(calls), size=size))
        (tools / "cmake").write_text(f"#!/bin/sh\necho cmake >> {calls}\n")
        for tool in tools.iterdir():
            tool.chmod(0o755)

    put(1000)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setattr(image, "require", lambda *_: None)
    monkeypatch.setattr(interpreters.Builder, "mpy_cross", lambda self: None)
    monkeypatch.setattr(source, "version_of", lambda tree: (1, 25, 0))
    tree = steps.Product("pico-source", "tree", "fetching", lambda folder, log: {})
    monkeypatch.setattr(pico_source, "product", lambda *_: tree)
    monkeypatch.setattr(source, "choose", lambda machine: tree)
    place = steps.Place(root)
    steps.put_link(place.bin / "micropython", program("pico-sized"))

    def build():
        calls.write_text("")
        with steps.alone(place):
            folder = image.set_up(place, Machine(), "rpi_pico")
        return folder, calls.read_text().split()

    build.put = put
    build.root = root
    return build


def test_the_first_build_makes_all_and_the_next_nothing(workshop, capsys):
    folder, calls = workshop()
    assert calls == ["cmake", "make", "make", "make", "make"]  # MicroPython, then one freezing for each image
    names = {path.name for path in folder.iterdir()} - {"stamp.json"}
    wanted = {f"pump-{kind}.{ending}" for kind in ("release", "dev", "demo") for ending in ("uf2", "elf", "bin")}
    assert names == wanted | {"pump-new-board.uf2"}
    capsys.readouterr()
    assert workshop()[1] == []
    assert capsys.readouterr().out == ""


def test_a_change_of_the_firmware_only_freezes_again(workshop):
    folder, _ = workshop()
    before = (folder / "pump-release.bin").read_bytes()
    with (workshop.root / "firmware" / "pump" / "ticks.py").open("a") as file:
        file.write("# more\n")
    assert workshop()[1] == ["make", "make", "make"]
    assert (folder / "pump-release.bin").read_bytes() != before, "the image's name has changed"


def test_a_change_of_the_partition_compiles_again(workshop):
    workshop()
    path = workshop.root / "boards" / "rpi_pico" / "partition.py"
    path.write_text(path.read_text().replace("JOURNAL_BYTES = const(256 *", "JOURNAL_BYTES = const(128 *"))
    assert workshop()[1] == ["cmake", "make", "make", "make", "make"]


def test_a_change_of_the_world_freezes_the_demo_again(workshop):
    workshop()
    with (workshop.root / "hil" / "plant" / "world.py").open("a") as file:
        file.write("# more\n")
    assert workshop()[1] == ["make", "make", "make"]


@pytest.mark.parametrize("spoil", ["pump-release.uf2", "pump-dev.elf", "stamp.json"])
def test_a_spoilt_image_is_made_again(workshop, spoil):
    folder, _ = workshop()
    (folder / spoil).write_bytes(b"half")
    assert workshop()[1] == ["make", "make", "make"]


def test_a_program_too_large_for_its_area_is_refused_and_the_old_image_stays(workshop):
    folder, _ = workshop()
    before = (folder / "pump-release.uf2").read_bytes()
    workshop.put(2 * 1024 * 1024)
    (workshop.root / "firmware" / "pump" / "ticks.py").write_text("# other\n")
    with pytest.raises(steps.Trouble, match=r"too large: \d+ bytes, and the flash has 1302528 for the program"):
        workshop()
    assert (folder / "pump-release.uf2").read_bytes() == before


def test_release_and_dev_say_which_they_are(workshop):
    folder, _ = workshop()
    details = json.loads((folder / "stamp.json").read_text())["details"]
    for kind, release in (("release", "True"), ("dev", "False")):
        program = (folder / f"pump-{kind}.bin").read_bytes()
        said = re.search(rb'"""Which image.*?^FILES[^\n]*\n', program, re.M | re.S)[0]
        names = {}
        exec(said, names)
        assert str(names["RELEASE"]) == release
        assert (names["VERSION"], names["IMAGE"], names["BOARD"]) == (details["version"], details["image"], "rpi_pico")
        assert int(names["LENGTH"], 16) == len(program)
        listed = json.loads((ROOT / "firmware" / "files.json").read_text())["urls"]
        assert list(json.loads(names["FILES"])) == [name for name, _ in listed]
        assert b"LENGTH = b'%08x'" % len(program) in (folder / f"pump-{kind}.elf").read_bytes()


def test_a_sealed_program_ends_in_the_crc_of_all_before_it():
    program = seal.sealed(b"first " + seal.UNKNOWN_LENGTH + b" last")
    assert program[:-4] == b"first 00000017 last"
    assert len(program) == 0x17
    assert zlib.crc32(program) == 0x2144DF1C
    assert zlib.crc32(program[:-4]) == int.from_bytes(program[-4:], "little")


def test_binary_info_has_name_version_and_kind_and_keeps_what_the_program_had():
    first, feature = b"\x01\x02", b"USB REPL\0\0\0\0"
    texts_at = 20 + 8
    entries_at = texts_at + len(feature)
    head = struct.pack("<5I", 0x7188EBF2, 0x10000014, 0x1000001C, 7, 0xE71AA390)
    table = struct.pack("<2I", 0x10000000 + entries_at, 0x10000000 + entries_at + 12)
    own = struct.pack("<HHII", 6, 0x5052, 0xA1F4B453, 0x10000000 + texts_at)
    other = struct.pack("<HHII", 6, 0x504D, 0x4A99D719, 0)
    program = head + table + feature + own + other + first
    made = binary_info.described(program, {binary_info.NAME: "pump", binary_info.VERSION: "1.2.3"})
    assert binary_info.read(made) == {
        binary_info.FEATURE: ["USB REPL"],
        binary_info.NAME: ["pump"],
        binary_info.VERSION: ["1.2.3"],
    }
    assert made[20 : len(program)] == program[20:], "only the pointers to the table have changed"
    assert (made[:4], made[12:20]) == (program[:4], program[12:20])


@pytest.mark.parametrize("places", [0, 2])
def test_a_program_without_one_place_for_its_length_is_refused(places):
    with pytest.raises(steps.Trouble, match=f"has {places} placeholders for its length"):
        seal.sealed(b"program" + seal.UNKNOWN_LENGTH * places)


def test_a_board_that_there_is_not_is_told(tmp_path):
    with pytest.raises(steps.Trouble, match=r"no board 'arduino'. Use BOARD="):
        image.set_up(steps.Place(ROOT), Machine(), "arduino")


# ---- the images that were built -------------------------------------------------------------------------------------

AFTER_A_BUILD = pytest.mark.long("`make test-all` builds the images")
if not BUILT:
    BUILT = [pytest.param("rpi_pico", marks=pytest.mark.skip(reason="no image is built; type: make firmware"))]


def _sum_of_boot_stage(data):
    """CRC-32 as the RP2040's boot ROM makes it over the first 252 bytes of flash."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc


@AFTER_A_BUILD
@pytest.mark.parametrize("name", BUILT)
@pytest.mark.parametrize("kind", ["release", "dev", "demo", "new-board"])
def test_a_built_image_stays_within_its_area(name, kind):
    part = image.Board(steps.Place(ROOT), name).partition()
    read = host_uf2.read(ROOT / "build" / "firmware" / name / f"pump-{kind}.uf2")
    offsets = [address - image.FLASH_START for address, _ in read.pages]
    program_pages = [at for at in offsets if at < part["PROGRAM_BYTES"]]
    assert program_pages == list(range(0, len(program_pages) * 256, 256))
    rest = [at for at in offsets if at >= part["PROGRAM_BYTES"]]
    assert bool(rest) == (kind == "new-board")
    assert all(part["FILE_SYSTEM_ADDRESS"] <= at < part["FLASH_BYTES"] for at in rest), "keys and journal stay"


@AFTER_A_BUILD
@pytest.mark.parametrize("name", BUILT)
def test_a_built_image_starts_and_holds_the_firmware(name):
    folder = ROOT / "build" / "firmware" / name
    details = json.loads((folder / "stamp.json").read_text())["details"]
    data = (folder / "pump-release.bin").read_bytes()
    if name == "rpi_pico":
        assert struct.unpack("<I", data[252:256])[0] == _sum_of_boot_stage(data[:252])
    assert zlib.crc32(data) == 0x2144DF1C
    assert b"%08x" % len(data) in data
    for text in (details["image"], "pump/app.py", "drivers/motion/drive_stepper_pio.py", "board.py"):
        assert text.encode() in data
    assert str(ROOT).encode() not in data, "an image says nothing about the computer that made it"


# BINARY_INFO_ID_RP_ of pico_binary_info/structure.h in the Pico's SDK.
_INFO = {0x02031C86: "name", 0x11A9BC3A: "version", 0xB6A07C19: "description", 0x68F465DE: "end"}


def _info(pages):
    """What picotool shows of a UF2 file: follows the addresses through its pages."""
    flash = {}
    for address, page in pages:
        flash.update(zip(range(address, address + len(page)), page, strict=True))

    def words(address, count):
        return struct.unpack(f"<{count}I", bytes(flash[at] for at in range(address, address + 4 * count)))

    heads = [at for at in range(0x10000000, 0x10000400, 4) if words(at, 1) == (0x7188EBF2,)]
    (head,) = [at for at in heads if words(at + 16, 1) == (0xE71AA390,)]
    start, end = words(head + 4, 2)
    found = {}
    for entry in words(start, (end - start) // 4):
        what, number, value = words(entry, 3)
        name = _INFO.get(number)
        if what == 6 | 0x5052 << 16 and name:
            letters = itertools.takewhile(bool, (flash[at] for at in itertools.count(value)))
            found[name] = bytes(letters).decode()
        elif what == 5 | 0x5052 << 16 and name:
            found[name] = value
    return found


@AFTER_A_BUILD
@pytest.mark.parametrize("name", BUILT)
@pytest.mark.parametrize("kind", ["release", "dev", "demo", "new-board"])
def test_the_binary_info_of_a_built_image_says_name_version_and_kind(name, kind):
    folder = ROOT / "build" / "firmware" / name
    details = json.loads((folder / "stamp.json").read_text())["details"]
    runs = kind.replace("new-board", "release")
    length = len((folder / f"pump-{runs}.bin").read_bytes())
    assert _info(host_uf2.read(folder / f"pump-{kind}.uf2").pages) == {
        "name": "pump",
        "version": details["version"],
        "description": f"{runs} image {details['image']} for {name}",
        "end": 0x10000000 + length - 4,
    }


# ---- the file system ------------------------------------------------------------------------------------------------

_FLASH = """
import partition

size = partition.FILE_SYSTEM_BYTES
data = bytearray(b"\\xff" * partition.STORAGE_BYTES)
touched = 0


class Flash:
    def __init__(self, start=0, len=partition.STORAGE_BYTES):
        self.start, self.len = start, len

    def readblocks(self, block, buffer, offset=0):
        at = self.start + block * 4096 + offset
        buffer[:] = data[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        global touched
        touched += 1
        at = self.start + block * 4096 + offset
        data[at : at + len(buffer)] = buffer

    def ioctl(self, operation, argument):
        global touched
        if operation == 4:
            return self.len // 4096
        if operation == 5:
            return 4096
        if operation == 6:
            touched += 1
            at = self.start + argument * 4096
            data[at : at + 4096] = b"\\xff" * 4096
        return 0
"""
_CASES = {  # what is done to the flash, whose end is the file system
    "blank": ("", 1, 0),
    "sound": ("storage.make()", 0, 0),
    "damaged": ("rp2.data[-partition.FILE_SYSTEM_BYTES + 100] = 7", 2, 0),
    "torn": ("storage.make()\nfor i in range(8192): rp2.data[-partition.FILE_SYSTEM_BYTES + i] ^= 0x55", 2, 0),
    "data but no header": ("rp2.data[-1] = 0", 2, 0),
}


@pytest.mark.parametrize("case", _CASES)
def test_a_mount_never_writes(tmp_path, case):
    prepare, error, touched = _CASES[case]
    (tmp_path / "rp2.py").write_text(_FLASH)
    (tmp_path / "run.py").write_text(
        f"import os, vfs, partition, rp2, storage\n{prepare}\n"
        "before = bytes(rp2.data)\nrp2.touched = 0\nstorage.mount()\n"
        "print(storage.error(), rp2.touched, before == rp2.data)\n"
    )
    search = f"{tmp_path}:{ROOT / 'boards' / 'rpi_pico'}:.frozen"
    command = [str(program("pico-sized")), "-X", "heapsize=4m", str(tmp_path / "run.py")]
    done = subprocess.run(
        command, env={"MICROPYPATH": search}, capture_output=True, text=True, check=False, timeout=LONGEST_S
    )
    assert done.stdout.splitlines()[-1:] == [f"{error} {touched} True"], done.stderr + done.stdout


def test_only_a_user_formats_the_file_system():
    callers = [
        path.relative_to(ROOT).as_posix()
        for path in [*(ROOT / "firmware").rglob("*.py"), *(ROOT / "boards").glob("rpi_*/*.py")]
        if re.search(r"mkfs|storage\.make", path.read_text())
    ]
    assert callers == ["boards/rpi_pico/storage.py"]


def test_what_runs_before_the_mount_leaves_the_firmware_to_be_replaced():
    """A package that was imported from the image would stay in use, and `make deploy` would have no effect."""
    for name in ("_boot.py", "deployed.py", "repl_lock.py", "reset_cause.py", "storage.py", "partition.py", "pins.py"):
        text = (ROOT / "boards" / "rpi_pico" / name).read_text()
        assert not re.search(r"^(from|import) (pump|drivers|board)\b", text, re.M), name


def test_a_release_image_runs_nothing_from_the_file_system():
    manifest = (ROOT / "boards" / "rpi_pico" / "manifest.py").read_text()
    assert 'module("boot.py")' in manifest
    assert (ROOT / "boards" / "rpi_pico" / "boot.py").read_text().count("\n") == 1
