"""The facts about the pump, as bits of two words: those that decide about its state, and those that only alarm."""


class Conditions:
    """`word` holds bits of defs.BIT_*, `notes` of defs.NOTE_*; whoever finds a fact puts it, the judges read."""

    def __init__(self, word: int) -> None:
        self.word = word
        self.notes = 0

    def set(self, bits: int) -> None:
        self.word |= bits

    def clear(self, bits: int) -> None:
        self.word &= ~bits

    def put(self, bits: int, on: bool) -> None:
        """Set or clear, as the finding says."""
        if on:
            self.word |= bits
        else:
            self.word &= ~bits

    def has(self, bits: int) -> bool:
        return self.word & bits != 0

    def note(self, notes: int, on: bool) -> None:
        """Sets or clears facts that only alarm."""
        if on:
            self.notes |= notes
        else:
            self.notes &= ~notes

    def noted(self, notes: int) -> bool:
        return self.notes & notes != 0
