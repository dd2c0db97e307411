"""The journal's flash of the simulated pump: the flash of hil/plant, with its content in a file on request."""

import os

from plant.arithmetic import noise
from plant.parts import flash


class Flash(flash.Flash):
    """`path` names the file that stores the content for the next run, "" for none."""

    def __init__(self, path: str, seed: int, blocks: int = 64) -> None:
        super().__init__(blocks, seed)
        self._file = None
        self.actions = {"flash_fill": self._fill, "flash_chance": self._chance, "flash_half": self._half}
        if path:
            self._open(path)

    def _open(self, path: str) -> None:
        """Reads the file; a missing or short file is first extended with blank blocks."""
        try:
            size = os.stat(path)[6]
        except OSError:
            size = 0
        with open(path, "ab") as file:
            for _ in range(size // flash.BLOCK, self.size // flash.BLOCK):
                file.write(b"\xff" * flash.BLOCK)
        self._file = open(path, "r+b")
        self._file.readinto(self.data)

    def program(self, at: int, page: "bytes | bytearray") -> None:
        """As flash.Flash."""
        try:
            super().program(at, page)
        finally:
            self._keep(at, flash.PAGE)

    def erase(self, at: int) -> None:
        """As flash.Flash."""
        try:
            super().erase(at)
        finally:
            self._keep(at, flash.BLOCK)

    def _fill(self, value: int) -> None:
        if not 0 <= value <= 255:
            raise ValueError("flash_fill takes a byte")
        for at in range(self.size):
            self.data[at] = value
        self._keep_all()

    def _chance(self, seed: int, begin: int = 0) -> None:
        chance = noise.Noise(seed, 21)
        for at in range(begin, self.size):
            self.data[at] = chance.below(1000) % 256
        self._keep_all()

    def _half(self, seed: int) -> None:
        """Random bytes in the second half."""
        self._chance(seed, self.size // 2)

    def _keep_all(self) -> None:
        for at in range(0, self.size, flash.BLOCK):
            self._keep(at, flash.BLOCK)

    def _keep(self, at: int, count: int) -> None:
        if self._file is not None:
            self._file.seek(at)
            self._file.write(self.data[at : at + count])
            self._file.flush()
