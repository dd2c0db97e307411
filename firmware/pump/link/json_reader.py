"""Reads the JSON object of a request strictly (RFC 8259): what is not exactly one object is an error.

MicroPython's own reader takes missing commas, leading zeros and what follows the end, and of two fields with one name
it takes the last.
"""

from micropython import const

_SPACE = const(32)
_QUOTE = const(34)
_PLUS = const(43)
_COMMA = const(44)
_MINUS = const(45)
_POINT = const(46)
_ZERO = const(48)
_NINE = const(57)
_COLON = const(58)
_BRACKET = const(91)
_BACKSLASH = const(92)
_BRACKET_END = const(93)
_LOWER_E = const(101)
_LOWER_U = const(117)
_BRACE = const(123)
_BRACE_END = const(125)
_MOST_NESTED = const(8)  # requests need three: an object with a list of rows

_ESCAPES = {34: '"', 92: "\\", 47: "/", 98: "\b", 102: "\f", 110: "\n", 114: "\r", 116: "\t"}
_WORDS = ((b"true", True), (b"false", False), (b"null", None))


class JsonError(ValueError):
    """The text is not one JSON object."""


class NotWhole:
    """A number with a fraction or an exponent. It is valid JSON, but no field takes one; `str` gives it as sent."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


def read(text: bytes) -> "dict[str, object]":
    """The object that these printable ASCII bytes are, whole; JsonError for anything else."""
    reader = _Reader(text)
    fields = reader.fields(1)
    reader.expect_end()
    return fields


class _Reader:
    """Reads from `_at` on. `_text` ends with a byte that no value contains, so that every look ahead finds one."""

    def __init__(self, text: bytes) -> None:
        self._text = text + b"\x00"
        self._at = 0

    def expect_end(self) -> None:
        if self._next() != 0:
            raise JsonError

    def fields(self, depth: int) -> "dict[str, object]":
        fields: "dict[str, object]" = {}
        self._expect(_BRACE)
        if self._skip(_BRACE_END):
            return fields
        while True:
            name = self._string()
            if name in fields:
                raise JsonError
            self._expect(_COLON)
            fields[name] = self._value(depth)
            if self._skip(_BRACE_END):
                return fields
            self._expect(_COMMA)

    def _list(self, depth: int) -> "list[object]":
        values: "list[object]" = []
        self._expect(_BRACKET)
        if self._skip(_BRACKET_END):
            return values
        while True:
            values.append(self._value(depth))
            if self._skip(_BRACKET_END):
                return values
            self._expect(_COMMA)

    def _value(self, depth: int) -> object:
        byte = self._next()
        if byte == _QUOTE:
            return self._string()
        if byte == _MINUS or _ZERO <= byte <= _NINE:
            return self._number()
        if byte != _BRACE and byte != _BRACKET:
            return self._word()
        if depth == _MOST_NESTED:
            raise JsonError
        return self.fields(depth + 1) if byte == _BRACE else self._list(depth + 1)

    def _word(self) -> "bool | None":
        for word, value in _WORDS:
            if self._text[self._at : self._at + len(word)] == word:
                self._at += len(word)
                return value
        raise JsonError

    # ---- numbers

    def _number(self) -> "int | NotWhole":
        start = self._at
        if self._text[start] == _MINUS:
            self._at += 1
        leading_zero = self._text[self._at] == _ZERO
        if self._digits() > 1 and leading_zero:
            raise JsonError
        whole = True
        if self._text[self._at] == _POINT:
            self._at += 1
            self._digits()
            whole = False
        if self._text[self._at] | 0x20 == _LOWER_E:
            self._at += 1
            if self._text[self._at] in (_PLUS, _MINUS):
                self._at += 1
            self._digits()
            whole = False
        text = self._text[start : self._at].decode()
        return int(text) if whole else NotWhole(text)

    def _digits(self) -> int:
        """Passes over digits and returns how many there were, at least one."""
        start = self._at
        while _ZERO <= self._text[self._at] <= _NINE:
            self._at += 1
        if self._at == start:
            raise JsonError
        return self._at - start

    # ---- texts

    def _string(self) -> str:
        self._expect(_QUOTE)
        text = ""
        start = self._at
        while True:
            byte = self._text[self._at]
            if not byte:
                raise JsonError
            self._at += 1
            if byte == _QUOTE or byte == _BACKSLASH:
                text += self._text[start : self._at - 1].decode()
                if byte == _QUOTE:
                    return text
                text += self._escape()
                start = self._at

    def _escape(self) -> str:
        byte = self._text[self._at]
        self._at += 1
        if byte != _LOWER_U:
            if byte not in _ESCAPES:
                raise JsonError
            return _ESCAPES[byte]
        number = self._hex()
        if 0xD800 <= number < 0xDC00 and self._text[self._at : self._at + 2] == b"\\u":
            self._at += 2
            number = 0x10000 + (number - 0xD800 << 10 | self._low_half())
        if 0xD800 <= number < 0xE000:  # half of a pair is no letter
            raise JsonError
        return chr(number)

    def _low_half(self) -> int:
        """What the second half of a surrogate pair adds."""
        number = self._hex() - 0xDC00
        if not 0 <= number < 0x400:
            raise JsonError
        return number

    def _hex(self) -> int:
        """Four hex digits."""
        number = 0
        for _ in range(4):
            byte = self._text[self._at]
            digit = byte - _ZERO if byte <= _NINE else (byte | 0x20) - 87  # 87 is the place of "a", less ten
            if not (0 <= digit < 10 if byte <= _NINE else 10 <= digit < 16):
                raise JsonError
            number = number << 4 | digit
            self._at += 1
        return number

    # ---- what comes next

    def _next(self) -> int:
        """The next byte that is no space, which stays to be read; 0 at the end."""
        while self._text[self._at] == _SPACE:
            self._at += 1
        return self._text[self._at]

    def _skip(self, byte: int) -> bool:
        """Passes over this byte if it comes next; whether it did."""
        if self._next() != byte:
            return False
        self._at += 1
        return True

    def _expect(self, byte: int) -> None:
        if not self._skip(byte):
            raise JsonError
