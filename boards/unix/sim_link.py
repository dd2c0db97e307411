"""The pump's end of the link, simulated, with its possible faults."""

import sys

from plant import actions
from plant.arithmetic import noise
from plant.parts import faults

_SLOW_BYTES = 8  # at a time


class BenchLink:
    """The link's bytes go through the bench channel, so that tests with the same seed get the same bytes."""

    def __init__(self) -> None:
        self.unread = bytearray()

    def feed(self, data: bytes) -> None:
        """Bytes from the host."""
        self.unread.extend(data)

    def drop(self) -> None:
        """Discards unread bytes."""
        self.unread = bytearray()

    def read_into(self, buffer: bytearray) -> int:
        if not self.unread:
            return 0
        count = min(len(buffer), len(self.unread))
        buffer[:count] = self.unread[:count]
        self.unread = self.unread[count:]
        return count

    def write(self, data: "memoryview | bytes") -> int:
        sys.stdout.write("tx " + bytes(data).hex() + "\n")
        return len(data)


class SerialLink:
    """The link over a non-blocking descriptor: one end of a pseudo terminal."""

    def __init__(self, descriptor: int) -> None:
        self.file = open(descriptor, "r+b")

    def drop(self) -> None:
        """Does nothing: unread bytes stay in the terminal."""

    def read_into(self, buffer: bytearray) -> int:
        try:
            return self.file.readinto(buffer) or 0
        except OSError:  # the other end is closed
            return 0

    def write(self, data: "memoryview | bytes") -> int:
        try:
            return self.file.write(data) or 0
        except OSError:
            return 0


class FaultyLink:
    """One of the links above with the faults of plant.parts.faults, set by actions such as `link_off`."""

    PAIRS = True

    def __init__(self, link: "BenchLink | SerialLink", seed: int) -> None:
        self._link = link
        self._chance = noise.Noise(seed, 20)
        self._fault = faults.WORKS
        self._late = bytearray()
        self.actions = actions.of_parts({"link": self._set_fault})

    def _set_fault(self, fault: int, _: int) -> None:
        self._fault = fault

    def read_into(self, buffer: bytearray) -> int:
        """off: nothing arrives; garbage: random bytes; wrong: some bits are inverted; slow: a few bytes at a time;
        delayed: bytes arrive with the next ones; intermittent: the second half is lost."""
        fault = self._fault
        if fault == faults.WORKS or fault == faults.STUCK:
            return self._link.read_into(buffer)
        return self._read_at_fault(buffer, fault)

    def _read_at_fault(self, buffer: bytearray, fault: int) -> int:
        if fault == faults.SLOW:
            piece = bytearray(min(_SLOW_BYTES, len(buffer)))
            count = self._link.read_into(piece)
            buffer[:count] = piece[:count]
            return count
        count = self._link.read_into(buffer)
        if fault == faults.OFF:
            return 0
        if fault == faults.DELAYED:
            before, self._late = self._late, bytearray(buffer[:count])
            buffer[: len(before)] = before
            return len(before)
        for at in range(count):
            if fault == faults.GARBAGE:
                buffer[at] = self._chance.below(256)
            elif self._chance.below(16) == 0:
                buffer[at] ^= 1 << self._chance.below(8)
        return count // 2 if fault == faults.INTERMITTENT else count

    def write(self, data: "memoryview | bytes") -> int:
        """off: the bytes are lost; stuck: none are accepted."""
        if self._fault == faults.STUCK:
            return 0
        if self._fault == faults.OFF:
            return len(data)
        return self._link.write(data)

    def check(self) -> None:
        """The simulated link never fails its check."""
