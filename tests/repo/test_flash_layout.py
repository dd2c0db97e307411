"""The flash layout of the journal: every check can fail, and firmware and host have the numbers of the table."""

import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flash_layout
import generate
import pytest
import tables
from pump.journal import layout
from pumpctl.diagnostics import flash_layout as on_host

ROOT = Path(__file__).resolve().parents[2]
Tables = dict[str, Any]


@pytest.fixture
def good() -> Tables:
    return flash_layout.load()


def _set(kind: str, at: int, **changes: Any) -> Callable[[Tables], None]:
    return lambda definitions: definitions[kind][at].update(changes)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_set("ring", 1, id=1), "ring: id 1 is used twice"),
        (_set("ring", 1, name="events"), "ring: name 'events' is used twice"),
        (_set("record", 1, name="event"), "record: name 'event' is used twice"),
        (_set("own", 0, name="slot"), "own: name 'slot' is used twice"),
        (_set("record", 1, bytes=8), "record stroke: 16 bytes of fields, 8 bytes"),
        (_set("record", 1, bytes=24), "record stroke: 16 bytes of fields, 24 bytes"),
        (_set("ring", 0, record="line"), "ring snapshots: record 'line' is not one of"),
        (_set("ring", 4, ahead=2), "ring settings: 2 of 3 sectors ahead is too many"),
    ],
)
def test_a_layout_that_contradicts_itself_is_found(good: Tables, spoil: Callable[[Tables], None], words: str) -> None:
    spoil(good)
    with pytest.raises(tables.DefinitionError, match=words):
        flash_layout.check(good)


def test_a_file_that_is_no_toml_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "flash.toml").write_text("[[ring")
    with pytest.raises(tables.DefinitionError, match=r"flash\.toml: "):
        flash_layout.load(tmp_path)


def test_records_lie_as_those_that_were_written_before(good: Tables) -> None:
    expected = {"header": ("<4sBBHIBBH", 14, 16), "stroke": ("<IIHH4s", 10, 16), "event": ("<IIHHiiIH", 24, 32)}
    for name, (form, crc_at, size) in expected.items():
        record = flash_layout.record(good, name)
        assert "<" + "".join(kind for _, kind in record["fields"]) == form
        assert (flash_layout.at(record, "crc"), record["bytes"]) == (crc_at, size)
    page = flash_layout.record(good, "page")
    assert [flash_layout.at(page, field) for field in ("crc", "count", "numbers")] == [0, 2, 4]
    assert (page["bytes"], flash_layout.most(good)) == (256, 63)
    assert dict(flash_layout.rings(good)) == {
        "SNAPSHOTS": (1, 0, 9, 256, 2),
        "STROKES": (2, 9, 28, 16, 8),
        "EVENTS": (3, 37, 14, 32, 1),
        "FAULTS": (5, 51, 10, 32, 1),
        "SETTINGS": (4, 61, 3, 256, 1),
    }


def test_both_sides_have_the_same_rings(good: Tables) -> None:
    for name, row in flash_layout.rings(good):
        assert getattr(layout, name) == row
        assert (row[0], row[3]) == (getattr(on_host, name), on_host.RECORD_BYTES[row[0]])
    assert struct.calcsize(on_host.STROKE) == on_host.STROKE_MARK_AT
    assert len(good["own"]) == layout.OWN


@pytest.mark.parametrize("name", flash_layout.BLOCKS)
def test_a_stale_block_is_found_and_written_anew(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(ROOT / "firmware", tmp_path / "firmware", ignore=shutil.ignore_patterns("__pycache__"))
    for other in (*generate.TARGETS, *flash_layout.TARGETS):
        (tmp_path / other).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / other, tmp_path / other)
    path = tmp_path / name
    whole = path.read_text()
    head, begin, rest = whole.partition(flash_layout.BEGIN)
    path.write_text(head + begin + rest.replace("const(", "const(1", 1))
    assert generate.main(["--check"], tmp_path) == 1
    assert generate.main([], tmp_path) == 0
    assert path.read_text() == whole
    capsys.readouterr()
    path.write_text(whole.replace(flash_layout.END, ""))
    assert generate.main([], tmp_path) == 1
    assert capsys.readouterr().err == f"definitions: {name}: there is no block of generated lines between its marks\n"
