"""What runs on this computer: services and simulated pumps write an entry, which other programs of the user find.

An entry is a file that its program holds a lock on, so that the entry of a program that was killed counts as none.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pumpctl.frozen import frozen

_PREFIX = "entry-"


@frozen
class Pump:
    """A pump that can be reached: its port, the device's path, a URL for `--port`, and the socket of its world.

    `line` is empty when the port itself is to be opened, `world` is empty for a real pump. `key` is that of a pump that
    was started paired, in hex, else empty.
    """

    name: str
    port: str
    device: str
    line: str = ""
    world: str = ""
    key: str = ""


@frozen
class Entry:
    """A running program; `url` is the address of a service, empty for a simulated pump of its own.

    `token` gives this user's programs every role at the service.
    """

    pid: int
    url: str
    pumps: tuple[Pump, ...]
    token: str = ""


def folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the entries, which only this user can use; it is made if need be.

    Raises OSError for one that is another user's, or that others can write to: an entry there could be anybody's.
    """
    given = environment.get("XDG_RUNTIME_DIR")
    if given and Path(given).is_dir():
        path = Path(given) / "pumpctl"
    else:
        import tempfile  # here, as a user's session has the folder above

        path = Path(tempfile.gettempdir()) / f"pumpctl-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    path.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid"):
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
            raise PermissionError(errno.EPERM, "not this user's alone", str(path))
    return path


@contextmanager
def entered(url: str, pumps: Sequence[Pump], token: str = "") -> Iterator[None]:
    """Be found by other programs meanwhile; without locks on this system, or without a folder, by none."""
    try:
        import fcntl  # on Linux and macOS only
        import tempfile

        number, name = tempfile.mkstemp(dir=folder(), suffix=".new")
    except (ImportError, OSError):
        yield
        return
    entry = Entry(os.getpid(), url, tuple(pumps), token)
    path = folder() / f"{_PREFIX}{os.getpid()}-{Path(name).stem}.json"
    with os.fdopen(number, "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        json.dump(asdict(entry), file)
        file.flush()
        os.rename(name, path)
        try:
            yield
        finally:
            with suppress(OSError):
                path.unlink()


def entries() -> list[Entry]:
    """Return what runs now; the files of programs that were killed are removed."""
    try:
        paths = sorted(folder().glob(f"{_PREFIX}*.json"))
    except OSError:
        return []
    return [entry for path in paths if (entry := _read(path)) is not None]


def holder_of(port: str) -> tuple[Entry, Pump] | None:
    """Return the service that owns a port, by the port's name or its device, and the pump there."""
    real = os.path.realpath(port)
    for entry in entries():
        for pump in entry.pumps:
            if entry.url and real in (os.path.realpath(pump.device), os.path.realpath(pump.port)):
                return entry, pump
    return None


def key_at(port: str) -> bytes | None:
    """Return the key of a pump of this user that was started paired, by its device; None for any other port."""
    real = os.path.realpath(port)
    keys = [pump.key for entry in entries() for pump in entry.pumps if pump.key and pump.device == real]
    return bytes.fromhex(keys[0]) if keys else None


def served() -> list[tuple[Entry, Pump]]:
    """Return the pumps of all services."""
    return [(entry, pump) for entry in entries() if entry.url for pump in entry.pumps]


def _read(path: Path) -> Entry | None:
    try:
        import fcntl

        with path.open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return _entry(json.load(file))  # its program holds it, so it runs
            path.unlink()
    except (ImportError, OSError, ValueError, KeyError, TypeError):
        return None
    return None


def _entry(fields: dict[str, Any]) -> Entry:
    return Entry(fields["pid"], fields["url"], tuple(Pump(**pump) for pump in fields["pumps"]), fields.get("token", ""))
