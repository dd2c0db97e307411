"""The frames on the link: one JSON object per line, an optional authentication code, a checksum.

`{"id":7,"cmd":"status"}*CCCCCCCC` LF, or `{...}~<32 hex>*CCCCCCCC` LF with an authentication code. The checksum is
CRC-32 (as in zlib) over the bytes before the star. tests/vectors/wire.json holds lines for the tests of this codec and
the firmware's.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from pumpctl import defs, errors
from pumpctl.frozen import frozen

Value = int | bool | None | str | list["Value"] | dict[str, "Value"]

_FRAME = re.compile(rb"(\{.*\})(?:~([0-9a-f]{32}))?", re.DOTALL)
_CHECKSUM_CHARACTERS = 9


@frozen
class Message:
    """A decoded line: its fields in their order, its code as 32 hex digits or None, and the bytes that this is over."""

    fields: dict[str, Any]
    code: str | None = None
    body: bytes = b""


def encode(pairs: Mapping[str, Value] | Iterable[tuple[str, Value]], code: str | None = None) -> bytes:
    """Return the line with its LF for the fields in the order given.

    Raises WireError too_long when the line has more than 512 bytes, bad_line if a value isn't a whole number, boolean,
    null, text, list or object, or when the code is not 32 lower-case hex digits.
    """
    return framed(body_of(pairs), code)


def body_of(pairs: Mapping[str, Value] | Iterable[tuple[str, Value]]) -> bytes:
    """Return the object of a line, which the authentication code is over. Raises WireError bad_line."""
    fields = dict(pairs)
    _check(fields)
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def framed(body: bytes, code: str | None = None) -> bytes:
    """Return the line of an object, with its code, checksum and LF. Raises WireError too_long or bad_line."""
    if code is not None:
        body += b"~" + code.encode("ascii", "replace")
    if _FRAME.fullmatch(body) is None:
        raise errors.WireError("bad_line", "the code must be 32 lower-case hex digits")
    line = body + b"*%08X\n" % zlib.crc32(body)
    if len(line) > defs.LINE_BYTES:
        raise errors.WireError("too_long", f"{len(line)} bytes, {defs.LINE_BYTES} are allowed")
    return line


def decode(line: bytes) -> Message:
    """Decode a line, with or without its LF or CR LF.

    Raises WireError with the reason too_long, bad_line, no_checksum or bad_checksum, checked in this order.
    """
    text = line.removesuffix(b"\n").removesuffix(b"\r")
    if len(text) >= defs.LINE_BYTES:
        raise errors.WireError("too_long", f"{len(text) + 1} bytes, {defs.LINE_BYTES} are allowed")
    if not text.startswith(b"{") or any(byte < 0x20 or byte > 0x7E for byte in text):
        raise errors.WireError("bad_line", "not printable ASCII that begins with a brace")
    body = _without_checksum(text)
    frame = _FRAME.fullmatch(body)
    if frame is None:
        raise errors.WireError("bad_line", "neither an object nor an object with a code")
    code = frame[2]
    return Message(_object(frame[1]), None if code is None else code.decode("ascii"), frame[1])


def _without_checksum(text: bytes) -> bytes:
    """Return the bytes before the star; raises WireError."""
    body, checksum = text[:-_CHECKSUM_CHARACTERS], text[-_CHECKSUM_CHARACTERS:]
    if not checksum.startswith(b"*"):
        reason = "no_checksum" if text.endswith(b"}") else "bad_line"
        raise errors.WireError(reason, "no star and eight hex digits at the end")
    if checksum != b"*%08X" % zlib.crc32(body):
        raise errors.WireError("bad_checksum", "the checksum does not match")
    return body


def _object(text: bytes) -> dict[str, Any]:
    """Return the JSON object in `text`; raises WireError bad_line, also for a fraction or a name that comes twice."""
    try:
        fields = json.loads(text, parse_float=_no_number, parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise errors.WireError("bad_line", "not JSON") from error
    if not isinstance(fields, dict):
        raise errors.WireError("bad_line", "not one object")
    return fields


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name comes twice")
    return fields


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _check(value: object) -> None:
    """Raise WireError when the value holds a type that a frame can't carry, such as a float."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise errors.WireError("bad_line", f"the field name {key!r} is not text")
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    elif value is not None and not isinstance(value, int | str):
        raise errors.WireError("bad_line", f"{value!r} is neither a whole number nor text")
