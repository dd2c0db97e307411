"""Frames of the link: one JSON object a line with a checksum behind a star, both ways."""

import binascii

from micropython import const

from pump import defs
from pump.link import json_reader

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

_SPACE = const(32)
_DELETE = const(127)
_STAR = const(42)
_TILDE = const(126)
_BRACE = const(123)
_CHECKSUM = const(9)  # star and 8 hex digits
_CODE = const(33)  # tilde and 32 hex digits
_UNDERSCORE = const(95)
_STOP = b"stop"
_PLAIN = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


_ANSWERS = (b'"ok":', b'"event":', b'"telemetry":')  # names that only what a pump sends has


class WireError(Exception):
    """A line is not a frame; `args[0]` is the refusal (defs.REFUSE_*)."""


class Frame:
    """What a line held: its fields, whether a checksum vouches for them, the authentication code or None."""

    def __init__(self, fields: "dict[str, object]", checked: bool, code: "bytes | None") -> None:
        self.fields = fields
        self.checked = checked
        self.code = code


def decode(line: bytes, verify: "Callable[[bytes, bytes], None] | None" = None) -> Frame:
    """Reads a line without its end; WireError when it is none. A bare word is a command without fields.

    `verify(body, code)` is called before the object is read, and raises WireError for a code that isn't valid.
    """
    line = trimmed(line)
    if not line:
        raise WireError(defs.REFUSE_BAD_LINE)
    for byte in line:
        if not 32 <= byte < 127:
            raise WireError(defs.REFUSE_BAD_LINE)
    if line[0] != _BRACE:
        return Frame({"cmd": _bare_word(line)}, False, None)
    body = line
    checked = len(line) > _CHECKSUM and line[-_CHECKSUM] == _STAR
    if checked:
        body = line[:-_CHECKSUM]
        if line[-8:] != _checksum(body):
            raise WireError(defs.REFUSE_BAD_CHECKSUM)
    code = None
    if len(body) > _CODE and body[-_CODE] == _TILDE:
        code = body[-32:]
        body = body[:-_CODE]
        if verify is not None:
            verify(body, code)
    try:
        fields = json_reader.read(body)
    except json_reader.JsonError:
        raise WireError(defs.REFUSE_BAD_LINE)
    return Frame(fields, checked, code)


def trimmed(line: bytes) -> bytes:
    """Without the spaces and control characters around it, such as a Ctrl-C that a user typed at a terminal."""
    first = 0
    end = len(line)
    while first < end and not _SPACE < line[first] != _DELETE:
        first += 1
    while first < end and not _SPACE < line[end - 1] != _DELETE:
        end -= 1
    return line[first:end]


def is_typed(line: bytes) -> bool:
    """Whether a line is no object, as what a user types: such a line gets a refusal in words."""
    line = trimmed(line)
    return len(line) > 0 and line[0] != _BRACE


def is_of_a_pump(line: bytes) -> bool:
    """Whether a line, sound or damaged, is what a pump sends: its own, sent back by a terminal, or another pump's."""
    return any(name in line for name in _ANSWERS)


def asks_stop(line: bytes) -> bool:
    """Whether a line holds the word stop, in any letters: alone between other characters, or at the line's end (D9).

    At the end it counts behind anything, as the line may begin with what was left of a broken one.
    """
    text = line.lower()
    at = text.find(_STOP)
    while at >= 0:
        after = at + len(_STOP)
        if after == len(text) or not (_in_word(text[after]) or (at and _in_word(text[at - 1]))):
            return True
        at = text.find(_STOP, after)
    return False


def _in_word(byte: int) -> bool:
    return 97 <= byte <= 122 or 48 <= byte <= 57 or byte == _UNDERSCORE


def encode(pairs: "list[tuple[str, object]]", seal: "Callable[[bytearray], bytes | None] | None" = None) -> bytes:
    """A whole line with its end. pairs is a list of (name, value) in the order in which they shall stand.

    `seal(body)` gives the authentication code of the object, 32 hex digits, or None for a line without one.

    Values: int, bool, None, str, lists of these, or again a list of pairs for an object (its first item is a tuple).
    """
    out = bytearray()
    _put_object(out, pairs)
    code = None if seal is None else seal(out)
    if code is not None:
        out.extend(b"~")
        out.extend(code)
    out.extend(b"*" + _checksum(out) + b"\n")
    return bytes(out)


def body(pairs: "list[tuple[str, object]]") -> bytes:
    """The object that these pairs make on the wire."""
    out = bytearray()
    _put_object(out, pairs)
    return bytes(out)


def crc(data: bytes) -> int:
    """CRC-32 of these bytes."""
    number: int = binascii.crc32(data)
    return number


def _checksum(data: "bytes | bytearray") -> bytes:
    return b"%08X" % binascii.crc32(data)


def _bare_word(line: bytes) -> str:
    """In capitals as well: in an emergency a user may type STOP."""
    word = line.decode().lower()
    for letter in word:
        if not ("a" <= letter <= "z" or letter == "_"):
            raise WireError(defs.REFUSE_BAD_LINE)
    return word


def _put_object(out: bytearray, pairs: "list[tuple[str, object]]") -> None:
    mark = b"{"
    for name, value in pairs:
        out.extend(mark)
        _put_string(out, name)
        out.extend(b":")
        _put(out, value)
        mark = b","
    out.extend(b"}")


def _put(out: bytearray, value: object) -> None:
    if value is None:
        out.extend(b"null")
    elif value is True:
        out.extend(b"true")
    elif value is False:
        out.extend(b"false")
    elif isinstance(value, str):
        _put_string(out, value)
    elif isinstance(value, list):
        if value and isinstance(value[0], tuple):
            _put_object(out, value)
        else:
            _put_list(out, value)
    else:
        out.extend(str(value).encode())


def _put_list(out: bytearray, values: "list[object]") -> None:
    out.extend(b"[")
    for at, value in enumerate(values):
        if at:
            out.extend(b",")
        _put(out, value)
    out.extend(b"]")


def _put_string(out: bytearray, text: str) -> None:
    out.extend(b'"')
    for letter in text:
        out.extend(_escaped(letter).encode())
    out.extend(b'"')


def _escaped(letter: str) -> str:
    number = ord(letter)
    if letter in _PLAIN:
        return _PLAIN[letter]
    if 32 <= number < 127:
        return letter
    if number < 0x10000:
        return "\\u%04x" % number
    number -= 0x10000
    return "\\u%04x\\u%04x" % (0xD800 + (number >> 10), 0xDC00 + (number & 0x3FF))
