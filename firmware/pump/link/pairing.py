"""A pairing with a host (C6), and the erasure of all keys: both need the pump's button within 60 s.

Both sides send a public key and agree on a secret (X25519) that reading the link does not give away. The pump
calculates its part in small pieces, between which the main loop goes on.
"""

from micropython import const

from pump import defs, hal
from pump.core import scheduler, ticks
from pump.link import key_store, mac, x25519

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from pump.core import conditions

_WINDOW_MS = const(60000)
_BITS_A_STEP = const(4)  # of 255; see link.pair_step_ms in tests/bench/link_figures.py
_REST_MS = const(2)  # between two pieces
_POLL_MS = const(100)
_HOLD_MS = const(5000)
_PROOF_BYTES = const(16)
_LABEL = b"pump pairing"


class Pairing:
    """`stage` says where it is (defs.PAIR_STAGE_*), `public` is the pump's public key once it is calculated.

    `erase` is called when the button was held for an erasure.
    """

    def __init__(
        self, button: "hal.Button", conditions: "conditions.Conditions", erase: "Callable[[], None]"
    ) -> None:
        self._button = button
        self._conditions = conditions
        self._erase = erase
        self.job = scheduler.Job(self._run, may_be_late=True)
        self.stage = defs.PAIR_STAGE_IDLE
        self.public: "bytes | None" = None
        self._until = 0  # tick at which it is given up
        self._held_ms = 0
        self._name = ""
        self._role = 0
        self._host_public = b""
        self._private = b""
        self._secret = b""
        self._work: "x25519.Multiplication | None" = None

    def begin(self, name: str, role: int, host_public: bytes, private: bytes, now: int) -> None:
        """A host wants to be paired; presses of the button before this don't count."""
        self._name, self._role, self._host_public, self._private = name, role, host_public, private
        self._work = x25519.Multiplication(private, x25519.BASE)
        self._open(defs.PAIR_STAGE_WORKING, now)

    def begin_erasure(self, now: int) -> None:
        """A user wants all keys erased."""
        self._open(defs.PAIR_STAGE_ERASING, now)

    def left_s(self, now: int) -> int:
        """Seconds until it is given up."""
        return 0 if self.stage == defs.PAIR_STAGE_IDLE else max(0, ticks.diff(self._until, now) + 999) // 1000

    def finish(self, proof: bytes, board_id: str, now: int) -> "tuple[key_store.Host, bytes] | None":
        """The host and the pump's proof, None when the host doesn't have the agreed key. The pairing is over."""
        info = _LABEL + self._host_public + (self.public or b"") + bytes([self._role])
        info += board_id.encode() + b"/" + self._name.encode()
        key = mac.expand(mac.extract(_LABEL, self._secret), info)
        codes = mac.Mac(key)
        honest = self._secret != bytes(x25519.KEY_BYTES)
        host = key_store.Host(self._name, self._role, key)
        self.cancel()
        if not mac.equal(codes.code(b"host")[:_PROOF_BYTES], proof) or not honest:
            return None
        return host, codes.code(b"pump")[:_PROOF_BYTES]

    def cancel(self) -> None:
        """It is over; nothing of its secrets stays."""
        self.stage = defs.PAIR_STAGE_IDLE
        self.public = None
        self._private = self._secret = b""
        self._work = None
        self._conditions.note(defs.NOTE_PAIRING_WAITS, False)
        self.job.off()

    def _open(self, stage: int, now: int) -> None:
        self._press()  # an earlier press was not meant for this
        self._held_ms = 0
        self.public = None
        self.stage = stage
        self._until = ticks.add(now, _WINDOW_MS)
        self._conditions.note(defs.NOTE_PAIRING_WAITS, True)
        self.job.at(now)

    def _run(self, now: int) -> None:
        if ticks.diff(now, self._until) >= 0:
            self.cancel()
            return
        if self._work is not None:
            self.job.at(ticks.add(now, _REST_MS))
            if self._work.run(_BITS_A_STEP):
                self._take_product(self._work.result())
            return
        self.job.at(ticks.add(now, _POLL_MS))
        pressed = self._press()
        if self.stage == defs.PAIR_STAGE_ERASING:
            self._held_ms = self._held_ms + _POLL_MS if pressed else 0
            if self._held_ms >= _HOLD_MS:
                self.cancel()
                self._erase()
        elif pressed:
            self.stage = defs.PAIR_STAGE_READY

    def _take_product(self, product: bytes) -> None:
        """First comes the public key, then the secret."""
        if self.public is None:
            self.public = product
            self._work = x25519.Multiplication(self._private, self._host_public)
        else:
            self._secret = product
            self._work = None
            self.stage = defs.PAIR_STAGE_WAITING

    def _press(self) -> bool:
        try:
            return self._button.pressed()
        except hal.PartError:
            return False
