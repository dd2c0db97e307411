"""Reads UF2 images: blocks of 512 bytes with 256 bytes of flash each; a family number names the chip."""

from __future__ import annotations

import struct
from pathlib import Path

from pumpctl import errors
from pumpctl.frozen import frozen

BLOCK_BYTES = 512
_MAGIC = (0x0A324655, 0x9E5D5157)
_MAGIC_END = 0x0AB16F30
_HAS_FAMILY = 0x2000
_HEADER = struct.Struct("<8I")

# Family number: the chip, and the Board-ID in its boot loader's INFO_UF2.TXT.
_CHIPS = {0xE48BFF56: ("RP2040", "RPI-RP2"), 0xE48BFF59: ("RP2350", "RP2350")}


@frozen
class Image:
    """A checked image; `pages` are addresses and their bytes, in the file's order."""

    path: Path
    data: bytes
    chip: str
    board_id: str
    pages: tuple[tuple[int, bytes], ...]


def read(path: Path) -> Image:
    """Read and check a file; raises BadImage."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise errors.BadImage(path, f"it can't be read ({error.strerror}; `make firmware` builds it)") from error
    if not data or len(data) % BLOCK_BYTES:
        raise errors.BadImage(path, "its size is not a multiple of 512 bytes, as after an interrupted copy")
    total, pages, families = len(data) // BLOCK_BYTES, [], set()
    for number in range(total):
        block = data[number * BLOCK_BYTES : (number + 1) * BLOCK_BYTES]
        start, second, flags, address, size, index, count, family = _HEADER.unpack_from(block)
        if (start, second, block[-4:]) != (*_MAGIC, struct.pack("<I", _MAGIC_END)):
            raise errors.BadImage(path, f"block {number} is not UF2")
        if (index, count) != (number, total) or not 0 < size <= 476:
            raise errors.BadImage(path, f"block {number} is numbered {index} of {count}, so blocks are missing")
        families.add(family if flags & _HAS_FAMILY else 0)
        pages.append((address, block[32 : 32 + size]))
    if len(families) != 1 or not families <= set(_CHIPS):
        raise errors.BadImage(path, f"it is not for one of the chips {', '.join(chip for chip, _ in _CHIPS.values())}")
    return Image(path, data, *_CHIPS[families.pop()], tuple(pages))
