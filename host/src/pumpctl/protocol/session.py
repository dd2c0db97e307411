"""Keys of a pump: the pairing that agrees on one, and the sessions whose lines carry codes (see docs/threats.md)."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import Any

from pumpctl import defs, errors
from pumpctl.frozen import frozen
from pumpctl.protocol import x25519

KEY_BYTES = 32
_CODE_BYTES = 16
_PAIRING = b"pump pairing"
_SESSION = b"pump session"


@frozen
class HostKey:
    """The key that a pump knows this host by: its name there, its highest role, 32 bytes."""

    name: str
    role: str
    key: bytes


def preloaded(key: bytes | None = None) -> HostKey:
    """Return the key that an emulated pump starts with; a new one, unless it is given."""
    return HostKey("emulator", "service", os.urandom(KEY_BYTES) if key is None else key)


class Pairing:
    """This host's side of a pairing: `public` goes to the pump, whose own public key then gives the key."""

    def __init__(self, name: str, role: str, private: bytes | None = None) -> None:
        """Draw a private key, unless one is given."""
        self._private = os.urandom(x25519.KEY_BYTES) if private is None else private
        self.name = name
        self.role = role
        self.public = x25519.multiply(self._private, x25519.BASE)

    def agree(self, pump_public: str, board_id: str) -> HostKey:
        """Return the key agreed with the pump that sent this public key; raises BadAnswer."""
        try:
            theirs = bytes.fromhex(pump_public)
        except ValueError:
            theirs = b""
        if len(theirs) != x25519.KEY_BYTES:
            raise errors.BadAnswer(f"has the public key {pump_public!r}, which is not 32 bytes")
        secret = x25519.multiply(self._private, theirs)
        if not any(secret):
            raise errors.BadAnswer("has a public key that makes no secret")
        info = _PAIRING + self.public + theirs + bytes([role_number(self.role)])
        info += board_id.encode() + b"/" + self.name.encode()
        return HostKey(self.name, self.role, expand(extract(_PAIRING, secret), info))


def host_proof(key: HostKey) -> str:
    """Return what shows the pump that this host has the key, in hex."""
    return code(key.key, b"host")


def is_pump_proof(key: HostKey, proof: object) -> bool:
    """Return whether this shows that the pump has the key."""
    return isinstance(proof, str) and hmac.compare_digest(code(key.key, b"pump"), proof)


class Session:
    """One session: the codes of its lines."""

    def __init__(self, key: HostKey, board_id: str, nonce: bytes, answer: Mapping[str, Any]) -> None:
        """Derive the session's key from the pump's answer to `session_open`; raises BadAnswer, or ProofWrong."""
        try:
            theirs = bytes.fromhex(answer["nonce"])
            salt = nonce + theirs + int(answer["starts"]).to_bytes(4, "little")
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise errors.BadAnswer("to session_open has no nonce or no count of starts") from error
        info = _SESSION + bytes([role_number(key.role)]) + board_id.encode()
        self._key = expand(extract(salt, key.key), info)
        if not hmac.compare_digest(code(self._key, b"o"), str(answer.get("proof"))):
            raise errors.ProofWrong

    def seal(self, body: bytes) -> str:
        """Return the code of a line to the pump."""
        return code(self._key, b"h" + body)

    def vouches_for(self, body: bytes, given: str | None) -> bool:
        """Return whether this is the code of a line from the pump."""
        return given is not None and hmac.compare_digest(code(self._key, b"p" + body), given)


def new_nonce() -> bytes:
    """Return 16 random bytes."""
    return os.urandom(16)


def role_number(role: str) -> int:
    """Return the number of a role."""
    return defs.ROLE_NAMES.index(role)


def code(key: bytes, data: bytes) -> str:
    """Return the authentication code (HMAC-SHA256, its first 16 bytes in hex)."""
    return hmac.new(key, data, hashlib.sha256).digest()[:_CODE_BYTES].hex()


def extract(salt: bytes, secret: bytes) -> bytes:
    """Return the first step of HKDF-SHA256 (RFC 5869)."""
    return hmac.new(salt, secret, hashlib.sha256).digest()


def expand(key: bytes, info: bytes) -> bytes:
    """Return the second step of HKDF-SHA256, for 32 bytes."""
    return hmac.new(key, info + b"\x01", hashlib.sha256).digest()
