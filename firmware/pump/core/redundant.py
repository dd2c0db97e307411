"""A word kept as value and complement: memory that has gone bad is found when the word is next read."""

from micropython import const

_MASK = const(0x3FFFFFFF)  # the small integers of the Pico that are not negative


class Mismatch(Exception):
    """The two copies of a word differ."""


class Word:
    """A number of 0 to 2^30 - 1; `safe` is what it becomes once its copies differ, so that the error shows once."""

    def __init__(self, value: int, safe: int) -> None:
        self._safe = safe
        self.put(value)

    def put(self, value: int) -> None:
        """Both copies anew."""
        self._value = value
        self._complement = value ^ _MASK

    def get(self) -> int:
        """The value; Mismatch when its copies differ."""
        value = self._value
        if value ^ self._complement != _MASK:
            self.put(self._safe)
            raise Mismatch
        return value
