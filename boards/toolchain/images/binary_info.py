"""Binary info, which `picotool info` shows: name, version and kind of a program, in the program itself.

The format is pico_binary_info of the Pico's SDK (defs.h, structure.h): near the start of the program a header points to
a table of addresses of entries. A new table with the texts of this image is appended to the program.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

from .. import steps

FLASH_START = 0x10000000
NAME, VERSION, DESCRIPTION, FEATURE = 0x02031C86, 0x11A9BC3A, 0xB6A07C19, 0xA1F4B453
_BINARY_END = 0x68F465DE
_BUILD_DATE = 0x9DA22254  # that of SOURCE_DATE_EPOCH=0 tells nothing
_TAG = 0x5052  # "RP"
_NUMBER, _TEXT = 5, 6  # types of entries
_MARKS = (0x7188EBF2, 0xE71AA390)
_HEADER = struct.Struct("<5I")  # mark, start and end of the table, copied sections, mark
_ENTRY = struct.Struct("<HHII")  # type, tag, id, value
_SEARCHED_BYTES = 4096
_WORD_BYTES = 4


def described(program: bytes, texts: Mapping[int, str]) -> bytes:
    """The program with these texts instead of its own with the same ids; MicroPython's version becomes a feature."""
    header = _header_at(program)
    kept, own = [], []
    replaced = {*texts, _BINARY_END, _BUILD_DATE}
    for address, kind, number, value in _entries(program, header):
        if kind == _TEXT and number == VERSION:
            own.append((FEATURE, f"MicroPython {_text(program, value)}"))
        if number not in replaced:
            kept.append(address)
    whole = _aligned(program)
    for number, text in [*texts.items(), *own]:
        kept.append(FLASH_START + len(whole))
        place = FLASH_START + len(whole) + _ENTRY.size
        whole = _aligned(whole + _ENTRY.pack(_TEXT, _TAG, number, place) + text.encode() + b"\0")
    kept.append(FLASH_START + len(whole))
    end = len(whole) + _ENTRY.size + _WORD_BYTES * len(kept)
    whole += _ENTRY.pack(_NUMBER, _TAG, _BINARY_END, FLASH_START + end)
    start = FLASH_START + len(whole)
    whole += struct.pack(f"<{len(kept)}I", *kept)
    pointers = struct.pack("<2I", start, FLASH_START + len(whole))
    return whole[: header + _WORD_BYTES] + pointers + whole[header + 3 * _WORD_BYTES :]


def read(program: bytes) -> dict[int, list[str]]:
    """The texts of a program by their ids, those of the SDK's tag only."""
    found: dict[int, list[str]] = {}
    for _, kind, number, value in _entries(program, _header_at(program)):
        if kind == _TEXT and number:
            found.setdefault(number, []).append(_text(program, value))
    return found


def _header_at(program: bytes) -> int:
    for at in range(0, min(_SEARCHED_BYTES, len(program) - _HEADER.size), _WORD_BYTES):
        first, *_, last = _HEADER.unpack_from(program, at)
        if (first, last) == _MARKS:
            return at
    raise steps.Trouble("The program has no binary info.", "See boards/toolchain/images/binary_info.py.")


def _entries(program: bytes, header: int) -> Iterator[tuple[int, int, int, int]]:
    """Address, type, id and value of the table's entries; id and value are 0 where the tag is not the SDK's."""
    _, start, end, *_ = _HEADER.unpack_from(program, header)
    for (address,) in struct.iter_unpack("<I", program[start - FLASH_START : end - FLASH_START]):
        kind, tag, number, value = _ENTRY.unpack_from(program, address - FLASH_START)
        yield (address, kind, number, value) if tag == _TAG else (address, kind, 0, 0)


def _text(program: bytes, address: int) -> str:
    if not address:
        return ""
    at = address - FLASH_START
    return program[at : program.index(b"\0", at)].decode()


def _aligned(data: bytes) -> bytes:
    return data + bytes(-len(data) % _WORD_BYTES)
