"""The facts that decide about the pump, as bits of one word."""


class Conditions:
    """`word` holds the bits of defs.BIT_*; whoever finds a fact puts its bit, the supervisor and the alarms read."""

    def __init__(self, word: int) -> None:
        self.word = word

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
