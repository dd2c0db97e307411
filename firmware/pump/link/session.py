"""A session with a paired host: the codes of its lines, both ways, and the ids that were used (C5, C7).

The session's key is derived from the pairing's by HKDF, over a nonce of each side and the count of the pump's starts,
for one role on one board. So no line of another session, role, start or pump has a valid code. The code covers the
direction as well, so that a pump's own lines can't be sent back to it.
"""

import struct

from micropython import const

from pump.link import mac

_CODE_BYTES = const(16)
_FROM_HOST = b"h"
_FROM_PUMP = b"p"
_CONFIRMATION = b"c"
_PROOF = b"o"
_LABEL = b"pump session"
_CODE_MASK = const(0x3FFFFFFF)
NONCE_BYTES = const(16)


class Session:
    """`number` tells sessions since power-on apart, from 1 on. `last` is the highest id of a line with a valid code."""

    def __init__(
        self,
        number: int,
        pairing_key: bytes,
        name: str,
        role: int,
        board_id: str,
        host_nonce: bytes,
        pump_nonce: bytes,
        starts: int,
    ) -> None:
        salt = host_nonce + pump_nonce + struct.pack("<I", starts)
        info = _LABEL + bytes([role]) + board_id.encode()
        self._mac = mac.Mac(mac.expand(mac.extract(salt, pairing_key), info))
        self.proof = self._mac.code(_PROOF)[:_CODE_BYTES]
        self.nonce = pump_nonce
        self.number = number
        self.name = name
        self.role = role
        self.last = -1
        self.heard_s = 0  # uptime of its last line with a new id, or of its opening

    def vouches_for(self, body: bytes, code: bytes) -> bool:
        """Whether this code, 32 lower-case hex digits, is that of a line of the host."""
        return mac.equal(_hex(self._mac.code(_FROM_HOST, body)[:_CODE_BYTES]), code)

    def code(self, body: "bytes | bytearray") -> bytes:
        """The code of a line of the pump, as hex digits."""
        return _hex(self._mac.code(_FROM_PUMP, bytes(body))[:_CODE_BYTES])

    def confirmation(self, read_back: bytes) -> int:
        """The code that confirms this read-back in this session, a number of 30 bits."""
        number: int = struct.unpack("<I", self._mac.code(_CONFIRMATION, read_back)[:4])[0]
        return number & _CODE_MASK


def _hex(data: bytes) -> bytes:
    return b"".join([b"%02x" % byte for byte in data])
