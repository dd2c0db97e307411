"""The key of one pump, and the session that the service has with that pump."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pumpctl import errors
from pumpctl.protocol import key_files, refusals, session as sessions, wire

_OPEN = "session_open"


class Keyring:
    """Opens sessions: `asked` gives the fields of the request, `opened` takes its answer."""

    def __init__(self, board_id: str, started_with: sessions.HostKey | None = None) -> None:
        """The key is in this user's files; else it is the one that the pump was started with."""
        self._board_id = board_id
        self._started_with = started_with
        self._key: sessions.HostKey | None = None
        self._nonce = b""
        self._session: sessions.Session | None = None
        self._last = -1  # the highest id in the session; the pump takes no lower one

    def asked(self, command: str) -> dict[str, wire.Value]:
        """Return the fields of `session_open`; raises KeyMissing for `command`, KeyUnfit."""
        self._key = key_files.load(self._board_id) or self._started_with
        if self._key is None:
            raise errors.KeyMissing(command)
        self._nonce = sessions.new_nonce()
        return {"name": self._key.name, "role": self._key.role, "nonce": self._nonce.hex()}

    def opened(self, answer: Mapping[str, Any]) -> None:
        """Take the answer; raises NotPermitted, Refused, BadAnswer, ProofWrong."""
        if answer.get("ok") is not True:
            raise refusals.refused(_OPEN, {}, answer)
        if self._key is not None:
            self._session, self._last = sessions.Session(self._key, self._board_id, self._nonce, answer), -1

    def session(self, number: int) -> sessions.Session | None:
        """Return the open session for a line with this id, None when a new one is needed."""
        if number <= self._last:
            self.end()
        if self._session is not None:
            self._last = number
        return self._session

    def end(self) -> None:
        """Forget the session: the pump doesn't know it."""
        self._session = None
