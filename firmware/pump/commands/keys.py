"""Commands about the keys of hosts: sessions, pairing, and taking keys away."""

from micropython import const

from pump import defs
from pump.commands import validation
from pump.link import key_store, session, x25519

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from pump.commands import pending_change
    from pump.link import access

    Pairs = list[tuple[str, object]]
    Fields = dict[str, Any]

_PROOF_BYTES = const(16)
_DIGITS = "0123456789abcdef"
_SIGNS = "-_."


class Keys:
    """Methods named as the commands; see dispatcher.Dispatcher."""

    def __init__(self, access: "access.Access", pending: "pending_change.PendingChange") -> None:
        self._access = access
        self._pending = pending

    def session_open(self, fields: "Fields", now: int) -> "Pairs":
        opened = self._access.open(fields["name"], fields["role"], _bytes(fields, "nonce", session.NONCE_BYTES))
        if isinstance(opened, int):
            raise validation.Refused(opened, [])
        return [
            ("nonce", opened.nonce.hex()),
            ("starts", self._access.store.starts),
            ("proof", opened.proof.hex()),
        ]

    def pair_begin(self, fields: "Fields", now: int) -> "Pairs":
        self._require_no_change()
        public = _bytes(fields, "public", x25519.KEY_BYTES)
        _require(self._access.begin_pairing(_host_name(fields), fields["role"], public, now))
        return []

    def pair_state(self, fields: "Fields", now: int) -> "Pairs":
        pairing = self._access.pairing
        return [
            ("stage", defs.PAIR_STAGE_NAMES[pairing.stage]),
            ("public", None if pairing.public is None else pairing.public.hex()),
            ("left_s", pairing.left_s(now)),
        ]

    def pair_finish(self, fields: "Fields", now: int) -> "Pairs":
        proof = self._access.finish_pairing(_bytes(fields, "proof", _PROOF_BYTES), now)
        if isinstance(proof, int):
            raise validation.Refused(proof, [])
        return [("proof", proof.hex())]

    def keys(self, fields: "Fields", now: int) -> "Pairs":
        store = self._access.store
        hosts = [[host.name, host.role] for host in store.hosts if host is not None]
        return [("area", defs.KEY_AREA_NAMES[store.area]), ("starts", store.starts), ("hosts", hosts)]

    def key_revoke(self, fields: "Fields", now: int) -> "Pairs":
        _require(self._access.revoke(fields["name"]))
        return []

    def keys_erase(self, fields: "Fields", now: int) -> "Pairs":
        self._require_no_change()
        _require(self._access.begin_erasure(now))
        return []

    def _require_no_change(self) -> None:
        """A change that waits may need a press of the button, which must not serve for both."""
        if self._pending.number:
            raise validation.Refused(defs.REFUSE_PAIRING_BUSY, [])


def _require(refusal: int) -> None:
    if refusal:
        raise validation.Refused(refusal, [])


def _host_name(fields: "Fields") -> str:
    name: str = fields["name"]
    good = 0 < len(name) <= key_store.NAME_BYTES
    for letter in name:
        good = good and ("a" <= letter.lower() <= "z" or "0" <= letter <= "9" or letter in _SIGNS)
    if not good:
        raise validation.Refused(defs.REFUSE_UNKNOWN_NAME, [("field", "name"), ("value", validation.shorten(name))])
    return name


def _bytes(fields: "Fields", name: str, count: int) -> bytes:
    """The bytes of a field in lower-case hex."""
    text = fields[name]
    places = [_DIGITS.find(letter) for letter in text]
    if len(places) != 2 * count or -1 in places:
        raise validation.Refused(defs.REFUSE_WRONG_TYPE, [("field", name), ("value", validation.shorten(text))])
    return bytes([places[at] << 4 | places[at + 1] for at in range(0, 2 * count, 2)])
