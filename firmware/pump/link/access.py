"""Who may command the pump (C5 to C7): the keys of paired hosts, the one session, pairing, and what was rejected."""

import struct

from micropython import const

from pump import defs, hal
from pump.link import key_store, mac, pairing, random_pool, session, wire

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions, uptime
    from pump.journal import journal

_IDLE_S = const(180)  # C7
_REJECTED_S = const(60)
# Openings that were never used: after the third, the next has to wait, twice as long each time.
_FREE_OPENINGS = const(3)
_MOST_UNUSED = const(9)  # a wait of 2^6 s


class Access:
    """`verify` is called for each line with a code, before it is parsed, `begin_line` before each line.

    `speaker` is the number of the session whose code the present line has, 0 for none. Methods that can fail return a
    refusal (defs.REFUSE_*), 0 for none.
    """

    def __init__(
        self,
        board: "hal.Board",
        conditions: "conditions.Conditions",
        uptime: "uptime.Uptime",
        journal: "journal.Journal",
    ) -> None:
        self._board = board
        self._uptime = uptime
        self._journal = journal
        self.store = key_store.KeyStore(board.keys)
        self.pairing = pairing.Pairing(board.button, conditions, self._erase)
        self._pool: "random_pool.RandomPool | None" = None
        self._session: "session.Session | None" = None
        self._opening: "session.Session | None" = None  # replaces the session with its first valid line
        self._by: "session.Session | None" = None  # whose line is answered at present
        self._sessions = 0
        self._unused = 0  # openings since the last one that was used
        self._open_from_s = 0  # uptime
        self._rejected = 0  # since the last record
        self._rejected_from_s = 0  # uptime of the next record
        if self.store.area == defs.KEY_AREA_SOUND and self.store.paired():
            self._begin()

    @property
    def required(self) -> bool:
        """Whether commands above the role view need a key."""
        return self._board.KEYS_REQUIRED or self.store.paired()

    @property
    def speaker(self) -> int:
        return 0 if self._by is None else self._by.number

    # ---- lines

    def begin_line(self) -> None:
        """A new line is looked at; whoever sent the last one doesn't vouch for it."""
        self._by = None
        if self._session is not None and self._uptime.s - self._session.heard_s > _IDLE_S:
            self._session = None
        if self._opening is not None and self._uptime.s - self._opening.heard_s > _IDLE_S:
            self._opening = None

    def verify(self, body: bytes, code: bytes) -> None:
        """Checks the code of a line; WireError when it isn't that of the session, or of one that was just opened."""
        for candidate in (self._session, self._opening):
            if candidate is not None and candidate.vouches_for(body, code):
                if candidate is self._opening:
                    self._session = candidate
                    self._opening = None
                    self._unused = 0
                    self._open_from_s = 0
                self._by = candidate
                return
        none = self._session is None and self._opening is None
        raise wire.WireError(self.reject(defs.REFUSE_NO_SESSION if none else defs.REFUSE_CODE_INVALID))

    def use(self, identity: "int | None") -> int:
        """Uses up the id of a line with a valid code. Only a new id holds the session: a copy of a line doesn't."""
        speaker = self._by
        if speaker is None:
            return 0
        if identity is None or identity <= speaker.last:
            return self.reject(defs.REFUSE_ID_USED)
        speaker.last = identity
        speaker.heard_s = self._uptime.s
        return 0

    def permit(self, role: int) -> int:
        """Whether the present line may do what needs this role."""
        if role == defs.ROLE_VIEW or not self.required:
            return 0
        if self._by is None:
            return self.reject(defs.REFUSE_KEY_NEEDED)
        return 0 if self._by.role >= role else self.reject(defs.REFUSE_ROLE_TOO_LOW)

    def seal(self, body: bytearray) -> "bytes | None":
        """The code of the answer to the present line, None if that had none."""
        return None if self._by is None else self._by.code(body)

    def confirmation(self, read_back: bytes) -> "int | None":
        """The code that confirms this read-back, None without a session."""
        return None if self._by is None else self._by.confirmation(read_back)

    def reject(self, refusal: int) -> int:
        """Counts a line that was rejected, and records it once a minute at most; returns the refusal."""
        self._rejected += 1
        if self._uptime.s >= self._rejected_from_s:
            self._journal.write(defs.EVENT_LINE_REJECTED, refusal, self._rejected)
            self._rejected = 0
            self._rejected_from_s = self._uptime.s + _REJECTED_S
        return refusal

    # ---- sessions

    def open(self, name: str, role: int, host_nonce: bytes) -> "session.Session | int":
        """A new session, or a refusal."""
        host = self.store.find(name)
        if host is None or role > host.role:
            return self.reject(defs.REFUSE_HOST_UNKNOWN)
        if self._pool is None:
            return defs.REFUSE_NO_KEYS  # the seed could not be renewed
        if self._uptime.s < self._open_from_s:
            return defs.REFUSE_OPEN_LATER
        self._unused = min(self._unused + 1, _MOST_UNUSED)
        if self._unused > _FREE_OPENINGS:
            self._open_from_s = self._uptime.s + (1 << self._unused - _FREE_OPENINGS)
        self._sessions += 1
        nonce = self._pool.draw()[: session.NONCE_BYTES]
        opened = session.Session(
            self._sessions, host.key, name, role, self._board.UNIQUE_ID, host_nonce, nonce, self.store.starts
        )
        opened.heard_s = self._uptime.s
        self._opening = opened
        return opened

    def _begin(self) -> None:
        """A paired pump starts: the seed in flash is replaced before the pool uses the one that it follows from."""
        pool = self._make_pool(self.store.seed)
        try:
            self.store.begin(pool.draw())
        except hal.PartError:
            return
        self._pool = pool

    def _make_pool(self, seed: bytes) -> "random_pool.RandomPool":
        label = self._board.UNIQUE_ID.encode() + struct.pack("<I", self.store.starts)
        return random_pool.RandomPool(seed, label, self._board.read_noise, self._board.clock.ticks_ms)

    # ---- pairing

    def begin_pairing(self, name: str, role: int, host_public: bytes, now: int) -> int:
        refusal = self._pairing_refusal() if self._board.link.PAIRS else defs.REFUSE_NO_KEYS
        if refusal:
            return refusal
        if None not in self.store.hosts and self.store.find(name) is None:
            return defs.REFUSE_KEYS_FULL
        pool = self._pool or self._make_pool(b"")
        private = pool.draw()
        if pool.stuck:
            return defs.REFUSE_NO_RANDOMNESS
        self._pool = pool
        self.pairing.begin(name, role, host_public, private, now)
        return 0

    def finish_pairing(self, proof: bytes, now: int) -> "bytes | int":
        """The pump's proof, or a refusal; the host is stored."""
        if self.pairing.stage != defs.PAIR_STAGE_READY or self._pool is None:
            return defs.REFUSE_PAIRING_NOT_READY
        found = self.pairing.finish(proof, self._board.UNIQUE_ID, now)
        if found is None:
            return self.reject(defs.REFUSE_PROOF_WRONG)
        host, pump_proof = found
        try:
            if not self.store.add(host, self._pool.draw()):
                return defs.REFUSE_KEYS_FULL
        except hal.PartError:
            return defs.REFUSE_NOT_KEPT
        self._end_sessions()
        self._journal.write(defs.EVENT_HOST_PAIRED, host.role)
        return pump_proof

    def begin_erasure(self, now: int) -> int:
        refusal = self._pairing_refusal()
        if not refusal:
            self.pairing.begin_erasure(now)
        return refusal

    def _pairing_refusal(self) -> int:
        if self.store.area == defs.KEY_AREA_NONE:
            return defs.REFUSE_NO_KEYS
        return defs.REFUSE_PAIRING_BUSY if self.pairing.stage != defs.PAIR_STAGE_IDLE else 0

    def _erase(self) -> None:
        """Erases all keys: the button was held for long enough."""
        try:
            self.store.clear(self._new_seed())
        except hal.PartError:
            return
        self._end_sessions()
        self._journal.write(defs.EVENT_HOST_REVOKED, 0)

    def revoke(self, name: str) -> int:
        """Takes away the key of a host."""
        try:
            if not self.store.remove(name, self._new_seed()):
                return defs.REFUSE_HOST_UNKNOWN
        except hal.PartError:
            return defs.REFUSE_NOT_KEPT
        if self._opening is not None and self._opening.name == name:
            self._opening = None
        if self._session is not None and self._session.name == name:
            self._session = None  # `_by` stays until this line is answered
        self._journal.write(defs.EVENT_HOST_REVOKED, sum(1 for host in self.store.hosts if host is not None))
        return 0

    def _new_seed(self) -> bytes:
        return mac.digest(self.store.seed + b"next") if self._pool is None else self._pool.draw()

    def _end_sessions(self) -> None:
        self._session = self._opening = None
