"""Key files: stored whole, for this user alone, and what is wrong with one is said in a sentence (C6)."""

import json
import os
import stat
from pathlib import Path

import pytest
from pumpctl import errors
from pumpctl.protocol import key_files
from pumpctl.protocol.session import HostKey

REQUIREMENTS = ("C6",)
_KEY = HostKey("bench", "service", bytes(range(32)))
_ID = "e660000000000001"


def test_a_stored_key_is_loaded_again_and_only_for_its_pump() -> None:
    place = key_files.save(_ID, _KEY)
    assert key_files.load(_ID) == _KEY
    assert key_files.load("other") is None
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_a_new_key_replaces_the_old_one_also_after_a_run_that_was_killed() -> None:
    place = key_files.save(_ID, _KEY)
    place.with_suffix(".new").write_text("half")
    other = HostKey("bench", "view", bytes(32))
    key_files.save(_ID, other)
    assert key_files.load(_ID) == other
    key_files.forget(_ID)
    key_files.forget(_ID)
    assert key_files.load(_ID) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_file_that_others_can_read_is_not_used(mode: int) -> None:
    place = key_files.save(_ID, _KEY)
    place.chmod(mode)
    with pytest.raises(errors.KeyUnfit, match=r"can be read by others; type `chmod 600 .*`\.$") as caught:
        key_files.load(_ID)
    assert caught.value.exit_code == errors.ExitCode.NOT_AUTHORISED


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"pump":"x"}', "\x00\xff", f'{{"pump":"{_ID}","name":"a","key":"00"}}']
)
def test_a_damaged_file_is_told(text: str) -> None:
    place = key_files.save(_ID, _KEY)
    place.write_text(text)
    with pytest.raises(errors.KeyUnfit, match="is damaged; delete it"):
        key_files.load(_ID)


@pytest.mark.parametrize("change", [{"role": "root"}, {"key": "zz"}, {"key": None}, {"key": "00" * 31}])
def test_a_file_with_a_wrong_value_is_told(change: dict[str, object]) -> None:
    place = key_files.save(_ID, _KEY)
    place.write_text(json.dumps({**json.loads(place.read_text()), **change}))
    with pytest.raises(errors.KeyUnfit, match="is damaged"):
        key_files.load(_ID)


def test_a_key_for_another_pump_is_told() -> None:
    key_files.save("other", _KEY).rename(key_files.place_of(_ID))
    with pytest.raises(errors.KeyUnfit, match="is for the pump other, not for this one"):
        key_files.load(_ID)


@pytest.mark.parametrize("board_id", ["", "../x", "a/b", "a" * 65, "a\n"])
def test_an_id_that_cannot_name_a_file_is_told(board_id: str) -> None:
    with pytest.raises(errors.KeyUnfit, match="can't name a key file"):
        key_files.place_of(board_id)


def test_a_folder_that_cannot_be_made_is_told() -> None:
    folder = key_files.folder()
    folder.parent.mkdir(parents=True)
    folder.write_text("a file")
    with pytest.raises(errors.KeyUnfit, match="can't be written"):
        key_files.save(_ID, _KEY)
    with pytest.raises(errors.KeyUnfit, match="can't be read"):
        key_files.load(_ID)


def test_a_full_disk_leaves_the_old_key(monkeypatch: pytest.MonkeyPatch) -> None:
    key_files.save(_ID, _KEY)

    def full(_number: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(key_files.os, "fsync", full)
    with pytest.raises(errors.KeyUnfit, match="can't be written"):
        key_files.save(_ID, HostKey("bench", "view", bytes(32)))
    assert key_files.load(_ID) == _KEY
    assert Path(key_files.place_of(_ID)).exists()
