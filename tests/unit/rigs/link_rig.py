"""A pump with a host on its link: just switched on, infusing with the times of its strokes recorded, or paired."""

import pump_rig
from plant.parts import flash
from pump import defs
from pump.core import ticks
from pump.link import mac, session, wire, x25519


def pump_on():
    pump = pump_rig.Pump()
    pump.run(0)
    return pump


def steady(ul_day=24000):
    """An infusing pump that records the times of its strokes."""
    pump = pump_rig.infuse(pump_rig.Pump(), ul_day)
    pump.heard()
    pump.board.drive.times = []
    pump.began = pump.board.clock.now
    return pump


def on_time(pump, span_ms):
    """Whether every stroke of the span came at its millisecond."""
    times = pump.board.drive.times
    assert len(times) == pump_rig.strokes_due([(24000, span_ms)])
    for at, time in enumerate(times):
        assert ticks.diff(time, pump.began) == (at + 1) * 900, at


# ---- a host with a key


def keyed_pump(start=pump_rig.START, **board):
    """A pump that stores keys, in standby."""
    board.setdefault("keys", flash.Flash(2))
    pump = pump_rig.Pump(start, **board)
    pump.run(10000)
    return pump


class Host:
    """The host's side of pairing and sessions, made with the firmware's own codes; tests/pages checks them apart."""

    def __init__(self, pump, name="bench", role="service", private=bytes(range(1, 33))):
        self.pump = pump
        self.name = name
        self.role = role
        self.private = private
        self.nonces = 0
        self.session = None
        self.key = b""

    def _product(self, point):
        work = x25519.Multiplication(self.private, point)
        work.run(255)
        return work.result()

    def pair(self, press=True):
        """The answer to `pair_finish`."""
        self.begin()
        if press:
            self.press()
        return self.finish()

    def begin(self):
        self.public = self._product(x25519.BASE)
        self.pump.do("pair_begin", name=self.name, role=self.role, public=self.public.hex())
        self.pump.run(3000)

    def press(self):
        self.pump.board.button.value = True
        self.pump.run(200)
        self.pump.board.button.value = False

    def agree(self):
        """Works out the key, once the pump has told its public key."""
        theirs = bytes.fromhex(self.pump.do("pair_state")["public"])
        info = b"pump pairing" + self.public + theirs + bytes([defs.ROLE_NAMES.index(self.role)])
        info += (self.pump.board.UNIQUE_ID + "/" + self.name).encode()
        self.key = mac.expand(mac.extract(b"pump pairing", self._product(theirs)), info)

    def finish(self):
        self.agree()
        return self.pump.ask("pair_finish", proof=mac.Mac(self.key).code(b"host")[:16].hex())

    def open(self, role=None):
        """Opens a session; returns the pump's answer."""
        self.nonces += 1
        nonce = mac.digest(b"host" + bytes([self.nonces]))[:16]
        role = role or self.role
        answer = self.pump.ask("session_open", name=self.name, role=role, nonce=nonce.hex())
        if answer["ok"]:
            theirs = bytes.fromhex(answer["nonce"])
            number = defs.ROLE_NAMES.index(role)
            board = self.pump.board.UNIQUE_ID
            self.session = session.Session(1, self.key, self.name, number, board, nonce, theirs, answer["starts"])
        return answer

    def line(self, command, identity=None, **fields):
        """A line with a code; by default with the next id."""
        if identity is None:
            self.pump._identity += 1
            identity = self.pump._identity
        return sealed(self.session, [("id", identity), ("cmd", command)] + list(fields.items()))

    def ask(self, command, **fields):
        """The answer to a command with a code, whose own code is checked."""
        return self.send(self.line(command, **fields))

    def send(self, line):
        self.pump.heard()
        self.pump.board.link.waiting.extend(line)
        self.pump.run(0)
        lines = bytes(self.pump.board.link.sent).split(b"\n")[:-1]
        self.pump.board.link.sent = bytearray()
        (answer,) = [line for line in lines if b'"ok":' in line]
        frame = wire.decode(answer)
        if frame.code is not None:
            assert frame.code == self.session.code(answer[:-42]), answer
        return dict(frame.fields, sealed=frame.code is not None)

    def do(self, command, **fields):
        answer = self.ask(command, **fields)
        assert answer["ok"] and answer["sealed"], answer
        return answer

    def change(self, command, **fields):
        """A change with its confirmation."""
        answer = self.do(command, **fields)
        if answer["draft"] is not None:
            self.do("confirm", draft=answer["draft"], code=answer["code"])
        return answer


def sealed(session, pairs):
    """A line of a host in this session."""

    def seal(body):
        return session._mac.code(b"h", bytes(body))[:16].hex().encode()

    return wire.encode(pairs, seal)


def paired(role="service", **board):
    """A pump, and a host that is paired with it and has opened a session."""
    pump = keyed_pump(**board)
    host = Host(pump, role=role)
    assert host.pair()["ok"]
    assert host.open()["ok"]
    return pump, host


def infusing(ul_day=24000):
    """The same, with the pump infusing."""
    pump, host = paired()
    ledger_nl = host.do("refill_begin")["ledger_nl"]
    host.do("refill_withdrawn", volume_nl=ledger_nl)
    pump.board.level.full_nl = 16000000 + pump.board.drive.moved_nl()
    host.change("refill_finish", volume_nl=16000000, fluid="saline")
    host.change("therapy_set", **pump_rig.plan(ul_day))
    host.do("start")
    pump.heard()
    return pump, host
