"""Simulated parts for the campaign: faster ones, link ends that record, and parts that do nothing."""

import binascii

import sim_link
from plant.parts import flash

_BLANK = b"\xff" * flash.BLOCK


class Chip(flash.Flash):
    """The simulated flash, faster where no operation is cut; stores the address of the first cut."""

    def __init__(self, blocks: int, seed: int) -> None:
        super().__init__(blocks, seed)
        self._place = -1

    def taken_place(self) -> int:
        """Address of the first operation that was cut since the last call, -1 for none."""
        place, self._place = self._place, -1
        return place

    def read(self, at: int, buffer: bytearray) -> None:
        buffer[:] = self.data[at : at + len(buffer)]

    def program(self, at: int, page: "bytes | bytearray") -> None:
        if self.operations == self._cut_at:
            self._note(at)
            super().program(at, page)
        self.operations += 1
        self.programs += 1
        end = at + flash.PAGE
        both = int.from_bytes(self.data[at:end], "little") & int.from_bytes(page, "little")
        self.data[at:end] = both.to_bytes(flash.PAGE, "little")

    def erase(self, at: int) -> None:
        if self.operations == self._cut_at:
            self._note(at)
            super().erase(at)
        self.operations += 1
        self.erases += 1
        self.data[at : at + flash.BLOCK] = _BLANK

    def _note(self, at: int) -> None:
        if self._place < 0:
            self._place = at


class Wire:
    """The host's end of the link; `digest` is the CRC-32 of every byte that the pump sent."""

    def __init__(self) -> None:
        self.inbox = bytearray()
        self.outbox = bytearray()
        self.digest = 0

    def read_into(self, buffer: bytearray) -> int:
        count = min(len(buffer), len(self.inbox))
        if count:
            buffer[:count] = self.inbox[:count]
            self.inbox = self.inbox[count:]
        return count

    def write(self, data: "bytes | memoryview") -> int:
        self.digest = binascii.crc32(data, self.digest)
        self.outbox.extend(data)
        return len(data)


class Link(sim_link.FaultyLink):
    """The pump's end of the link; `before_send` is called before each piece that the pump sends."""

    before_send: "callable"

    def write(self, data: "memoryview | bytes") -> int:
        self.before_send()
        return super().write(data)


class StillAnnunciator:
    """Light and sound that are set but not played, because a blinking lamp wakes the loop four times a second."""

    def show(self, red_ms: "tuple[int, ...] | None", yellow_ms: "tuple[int, ...] | None") -> None:
        pass

    def sound(self, spans_ms: "tuple[int, ...] | None") -> None:
        pass

    def run(self, now: int) -> int:
        return -1

    def check(self) -> None:
        pass
