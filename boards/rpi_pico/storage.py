"""The file system: mounted if it is sound, never formatted but by a person who calls `make`."""

import os

import partition
import rp2
import vfs
from micropython import const

NONE = const(0)
BLANK = const(1)  # nothing was ever written there
DAMAGED = const(2)  # something is there and does not mount: it stays for a person to read

_BLOCK_COUNT = const(4)  # ioctl

_UNKNOWN = const(-1)

mounted = False
_error = _UNKNOWN


def device() -> "rp2.Flash":
    """The file system's part of the flash."""
    return rp2.Flash(start=partition.JOURNAL_BYTES, len=partition.FILE_SYSTEM_BYTES)


def journal() -> "rp2.Flash":
    """The journal's part of the flash; ValueError under a MicroPython whose flash is divided in another way."""
    blocks = rp2.Flash().ioctl(_BLOCK_COUNT, 0)
    if blocks is None or blocks * partition.SECTOR_BYTES != partition.STORAGE_BYTES:
        raise ValueError("the flash is not divided as partition.py says: flash the pump's own image")
    return rp2.Flash(start=0, len=partition.JOURNAL_BYTES)


def mount() -> bool:
    """Mounts what is there at /, if it is sound."""
    global mounted, _error
    try:
        vfs.mount(vfs.VfsLfs2(device(), progsize=partition.PAGE_BYTES), "/")
        mounted = True
    except OSError:
        mounted = False
    _error = NONE if mounted else _UNKNOWN
    return mounted


def error() -> int:
    """What keeps the file system from being mounted. Found out when first asked: to read a blank one takes 20 ms."""
    global _error
    if _error == _UNKNOWN:
        _error = BLANK if _is_blank(device()) else DAMAGED
    return _error


def check() -> None:
    """For the self-test: an area that is damaged is a memory fault; its data stay for a person to read."""
    # Not above: what _boot.py imports comes from the image, and `make deploy` could put no other pump/ before it.
    from pump import defs, hal

    if error() == DAMAGED:
        raise hal.PartError(defs.FAULT_MEMORY_FAULT)


def make() -> None:
    """Makes an empty file system; whatever is there is lost. For a person at the REPL, and for no program."""
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
