"""The flash areas of the board. The file system is mounted and tested only where the REPL lock is open.

Only `make`, called by a user, formats it.
"""

import os

import partition
import rp2
import vfs
from micropython import const

NONE = const(0)
BLANK = const(1)  # nothing was ever written there
DAMAGED = const(2)  # it has content but can't be mounted; it is kept, so that a user can read it

_BLOCK_COUNT = const(4)  # ioctl

_UNKNOWN = const(-1)

mounted = False
_error = _UNKNOWN


def device() -> "rp2.Flash":
    """The file system's part of the flash."""
    return rp2.Flash(start=partition.KEYS_BYTES + partition.JOURNAL_BYTES, len=partition.FILE_SYSTEM_BYTES)


def keys() -> "rp2.Flash":
    """The part of the flash with the keys of paired hosts; ValueError as for `journal`."""
    _require_layout()
    return rp2.Flash(start=0, len=partition.KEYS_BYTES)


def journal() -> "rp2.Flash":
    """The journal's part of the flash; ValueError when this MicroPython has another flash layout."""
    _require_layout()
    return rp2.Flash(start=partition.KEYS_BYTES, len=partition.JOURNAL_BYTES)


def _require_layout() -> None:
    blocks = rp2.Flash().ioctl(_BLOCK_COUNT, 0)
    if blocks is None or blocks * partition.SECTOR_BYTES != partition.STORAGE_BYTES:
        raise ValueError("the flash layout differs from partition.py: flash the pump's own image")


def mount() -> bool:
    """Mounts the file system at / if it is valid; returns whether it did."""
    global mounted, _error
    try:
        vfs.mount(vfs.VfsLfs2(device(), progsize=partition.PAGE_BYTES), "/")
        mounted = True
    except OSError:
        mounted = False
    _error = NONE if mounted else _UNKNOWN
    return mounted


def error() -> int:
    """NONE, BLANK or DAMAGED. Found out at the first call, because reading a blank area takes 20 ms."""
    global _error
    if _error == _UNKNOWN:
        _error = BLANK if _is_blank(device()) else DAMAGED
    return _error


def check() -> None:
    """For the self-test: a damaged file system is a memory fault. Its data are kept."""
    # Imported here: _boot.py imports this file, and `pump` must not be loaded from the image before the files that
    # `make deploy` copies can be found.
    from pump import defs, hal

    if error() == DAMAGED:
        raise hal.PartError(defs.FAULT_MEMORY_FAULT)


def make() -> None:
    """Makes an empty file system, which deletes the old one. For a user at the REPL; no program may call it."""
    if mounted:
        vfs.umount("/")
    area = device()
    vfs.VfsLfs2.mkfs(area, progsize=partition.PAGE_BYTES)
    mount()
    print("made:", os.statvfs("/")[2], "blocks")


def _is_blank(area: "rp2.Flash") -> bool:
    erased = b"\xff" * partition.SECTOR_BYTES
    buffer = bytearray(partition.SECTOR_BYTES)
    for block in range(partition.FILE_SYSTEM_BYTES // partition.SECTOR_BYTES):
        area.readblocks(block, buffer)
        if buffer != erased:
            return False
    return True
