"""Keeps the last records of what happened, in memory; a power cut loses them."""

import struct

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import uptime

_ROWS = const(128)
_ROW = "<iiHHii"  # sequence, uptime s, ms, event, a, b
_BYTES = const(20)


class Journal:
    """A ring of records; `next` is the sequence number that the coming record will have."""

    def __init__(self, uptime: "uptime.Uptime") -> None:
        self._uptime = uptime
        self._ring = bytearray(_ROWS * _BYTES)
        self.next = 1

    def oldest(self) -> int:
        """Sequence number of the oldest record that is still kept."""
        return max(1, self.next - _ROWS)

    def write(self, event: int, a: int = 0, b: int = 0) -> None:
        """Adds a record; allocates nothing. a and b are whole numbers of 32 bits whose meaning the event gives."""
        at = self.next % _ROWS * _BYTES
        struct.pack_into(_ROW, self._ring, at, self.next, self._uptime.s, self._uptime.ms, event, a, b)
        self.next += 1

    def read(self, sequence: int) -> "tuple[int, ...]":
        """(sequence, uptime s, ms, event, a, b) of a record between `oldest` and `next`."""
        return struct.unpack_from(_ROW, self._ring, sequence % _ROWS * _BYTES)

    def intent(self, volume_pl: int) -> None:
        """A stroke is about to be given."""

    def done(self) -> None:
        """It has ended."""
