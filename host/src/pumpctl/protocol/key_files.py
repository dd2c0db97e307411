"""The keys of paired pumps in files of this user, one for each pump: `<folder>/<id of the pump>.json`, mode 600."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import platformdirs

from pumpctl import defs, errors
from pumpctl.protocol import session

_SHARED = stat.S_IRWXG | stat.S_IRWXO


def folder() -> Path:
    """Return the folder of the key files, in the user's data folder."""
    return Path(platformdirs.user_data_dir("pumpctl")) / "keys"


def place_of(board_id: str) -> Path:
    """Return the file for a pump; raises KeyUnfit for an id that can't name a file."""
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", board_id):
        raise errors.KeyUnfit(f"The pump's id {board_id!r} can't name a key file, so this pump can't be paired.")
    return folder() / f"{board_id}.json"


def load(board_id: str) -> session.HostKey | None:
    """Return the key for a pump, None without one; raises KeyUnfit for a file that is damaged or readable by others."""
    place = place_of(board_id)
    try:
        with place.open("rb") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & _SHARED:
                raise errors.KeyUnfit(f"The key file {place} can be read by others; type `chmod 600 {place}`.")
            text = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise errors.KeyUnfit(f"The key file {place} can't be read ({errors.reason(error)}).") from error
    return _parsed(text, place, board_id)


def save(board_id: str, key: session.HostKey) -> Path:
    """Store the key for a pump, whole or not at all, and return the file; raises KeyUnfit."""
    place = place_of(board_id)
    fields = {"pump": board_id, "name": key.name, "role": key.role, "key": key.key.hex()}
    beside = place.with_suffix(".new")
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(fields, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
    except OSError as error:
        raise errors.KeyUnfit(f"The key file {place} can't be written ({errors.reason(error)}).") from error
    return place


def forget(board_id: str) -> None:
    """Delete the key for a pump, if there is one; raises KeyUnfit."""
    place = place_of(board_id)
    try:
        place.unlink(missing_ok=True)
    except OSError as error:
        raise errors.KeyUnfit(f"The key file {place} can't be deleted ({errors.reason(error)}).") from error


def _parsed(text: bytes, place: Path, board_id: str) -> session.HostKey:
    try:
        fields = json.loads(text)
        key = session.HostKey(str(fields["name"]), str(fields["role"]), bytes.fromhex(fields["key"]))
        pump = fields["pump"]
    except (ValueError, KeyError, TypeError) as error:
        raise errors.KeyUnfit(f"The key file {place} is damaged; delete it and type `pumpctl pair`.") from error
    if len(key.key) != session.KEY_BYTES or key.role not in defs.ROLE_NAMES:
        raise errors.KeyUnfit(f"The key file {place} is damaged; delete it and type `pumpctl pair`.")
    if pump != board_id:
        raise errors.KeyUnfit(f"The key file {place} is for the pump {pump}, not for this one; move it back.")
    return key
