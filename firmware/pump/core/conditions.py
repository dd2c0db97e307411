"""The conditions of the pump as bits of two words: those that decide its state, and those that only alarm."""


class Conditions:
    """`word` holds bits of defs.BIT_*, `notes` of defs.NOTE_*. Any part sets its own; the controller evaluates them."""

    def __init__(self, word: int) -> None:
        self.word = word
        self.notes = 0

    def set(self, bits: int) -> None:
        """Adds these bits of defs.BIT_*."""
        self.word |= bits

    def clear(self, bits: int) -> None:
        """Removes these bits of defs.BIT_*."""
        self.word &= ~bits

    def put(self, bits: int, on: bool) -> None:
        """Sets or clears these bits."""
        if on:
            self.word |= bits
        else:
            self.word &= ~bits

    def has(self, bits: int) -> bool:
        """Whether one of these bits is set."""
        return self.word & bits != 0

    def note(self, notes: int, on: bool) -> None:
        """Sets or clears conditions that only alarm."""
        if on:
            self.notes |= notes
        else:
            self.notes &= ~notes

    def noted(self, notes: int) -> bool:
        """Whether one of these notes is set."""
        return self.notes & notes != 0
