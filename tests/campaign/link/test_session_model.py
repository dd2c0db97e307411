"""The pump's sessions against a model in a few lines: random orders of openings, lines, copies, waits, resets.

After each step the pump has carried out exactly what the model says, and has refused the rest with the reason that the
model gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import link_rig
import pytest
from attacks.victim import framed
from hypothesis import HealthCheck, Phase, settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from plant.parts import flash
from pump import defs
from pump.link import access, key_store, session

REQUIREMENTS = ("C5", "C7")
_IDLE_S = 180
_ANSWERED_S = 60
_FREE_OPENINGS = 3
_MOST_UNUSED = 9
_HOSTS = {"anna": defs.ROLE_OPERATE, "bert": defs.ROLE_SERVICE}
_KEYS = {name: bytes([number]) * 32 for number, name in enumerate(_HOSTS, 1)}
_DONE = 0
_COMMANDS = ("silence", "key_revoke", "draft_drop")
_AHEAD = strategies.sampled_from((1, 3, 0, -1))
_BACK = strategies.sampled_from((0, 0, 0, 1, 2, 5))  # mostly the last one


@dataclass(eq=False)
class Opened:
    """A session as the model has it."""

    name: str
    codes: session.Session
    last: int = -1
    heard_s: int = 0


@dataclass
class Line:
    """A line that was sent in a session."""

    opened: Opened
    number: int
    command: str
    data: bytes


class Sessions(RuleBasedStateMachine):
    """`opened` are all sessions so far, `lines` all lines with a code; `session` and `opening` are those of now."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = flash.Flash(2)
        store = key_store.KeyStore(self.keys)
        for name, role in _HOSTS.items():
            store.add(key_store.Host(name, role, _KEYS[name]), bytes(32))
        self.hosts = dict(_HOSTS)
        self.silenced = 0  # since the pump's start, by the model
        self.nonces = 0
        self.numbers = 100
        self.opened: list[Opened] = []
        self.lines: list[Line] = []
        self._start()

    def _start(self) -> None:
        self.pump = link_rig.keyed_pump(keys=self.keys)
        self.pump.heard()
        self.silenced = len(self.pump.logged(defs.EVENT_SILENCED))
        self.session: Opened | None = None
        self.opening: Opened | None = None
        self.unused = 0
        self.open_from_s = 0
        self.answered: list[tuple[bytes, int]] = []  # lines with the time of their answer

    @property
    def _now_s(self) -> int:
        return int(self.pump.app.uptime.s)

    # ---- what happens

    @rule(name=strategies.sampled_from(sorted(_HOSTS)))
    def open(self, name: str) -> None:
        """A host opens a session; one that fails is one without a key."""
        self.nonces += 1
        host = link_rig.Host(self.pump, name, defs.ROLE_NAMES[_HOSTS[name]])
        host.key, host.nonces = _KEYS[name], self.nonces
        answer = host.open()
        self._age()
        if name not in self.hosts:
            assert answer["refused"] == defs.REFUSE_HOST_UNKNOWN
        elif self._now_s < self.open_from_s:
            assert answer["refused"] == defs.REFUSE_OPEN_LATER
        else:
            assert answer["ok"]
            self.unused = min(self.unused + 1, _MOST_UNUSED)
            if self.unused > _FREE_OPENINGS:
                self.open_from_s = self._now_s + (1 << self.unused - _FREE_OPENINGS)
            self.opening = Opened(name, host.session, heard_s=self._now_s)
            self.opened.append(self.opening)

    @precondition(lambda self: self.opened)
    @rule(back=_BACK, ahead=_AHEAD, command=strategies.sampled_from(_COMMANDS))
    def command(self, back: int, ahead: int, command: str) -> None:
        """A line with a code of the last session or one before it, with the next id or another one."""
        self.numbers += ahead
        pairs: list[tuple[str, object]] = [("id", self.numbers), ("cmd", command)]
        pairs += [("name", "other")] * (command == "key_revoke")
        opened = self.opened[-1 - back % len(self.opened)]
        self.lines.append(Line(opened, self.numbers, command, link_rig.sealed(opened.codes, pairs)))
        self._send(self.lines[-1])

    @precondition(lambda self: self.lines)
    @rule(back=_BACK)
    def replay(self, back: int) -> None:
        """The same bytes once more."""
        self._send(self.lines[-1 - back % len(self.lines)])

    @precondition(lambda self: self.lines)
    @rule(back=_BACK, at=strategies.integers(0, 31))
    def forge(self, back: int, at: int) -> None:
        """The same with one digit of the code changed."""
        line = self.lines[-1 - back % len(self.lines)]
        body, code = line.data[:-43], bytearray(line.data[-42:-10])
        code[at] = ord("0") if code[at] != ord("0") else ord("1")
        self._age()
        answer = self._answer(framed(body + b"~" + code), False)
        assert answer["refused"] == self._unknown()

    @rule(seconds=strategies.sampled_from((1, 61, 185)))
    def wait(self, seconds: int) -> None:
        self.pump.run(seconds * 1000)
        self.pump.heard()

    @rule(what=strategies.sampled_from(("plain", "stop", "revoke", "reset")))
    def disturb(self, what: str) -> None:
        """Lines without a code, a stop, a key that is taken away, a reset."""
        self._age()
        if what == "plain":
            assert self.pump.refused("silence") == defs.REFUSE_KEY_NEEDED
            self.pump.do("status")
        elif what == "stop":
            self.pump.do("stop")
            self.answered.clear()
        elif what == "revoke":
            self._revoke("anna")
        else:
            self._start()

    def _revoke(self, host: str) -> None:
        self.pump.app.access.revoke(host)
        self.hosts.pop(host, None)
        for name in ("session", "opening"):
            opened = getattr(self, name)
            if opened is not None and opened.name == host:
                setattr(self, name, None)

    @invariant()
    def as_many_were_carried_out_as_the_model_says(self) -> None:
        assert len(self.pump.logged(defs.EVENT_SILENCED)) == self.silenced

    # ---- the model

    def _age(self) -> None:
        for name in ("session", "opening"):
            opened = getattr(self, name)
            if opened is not None and self._now_s - opened.heard_s > _IDLE_S:
                setattr(self, name, None)

    def _send(self, line: Line) -> None:
        self._age()
        valid = line.opened in (self.session, self.opening)
        known = any(data == line.data and self._now_s - at_s <= _ANSWERED_S for data, at_s in self.answered[-4:])
        wanted = self._wanted(line, valid, known)
        answer = self._answer(line.data, valid)
        if known and valid:
            return  # the answer that it had, whatever it was
        found = _DONE if answer["ok"] else answer["refused"]
        assert found == wanted, (found, wanted)

    def _wanted(self, line: Line, valid: bool, known: bool) -> int:
        """What the pump must answer; the model's state after it."""
        opened = line.opened
        if not valid:
            return self._unknown()
        if opened is self.opening:
            self.session, self.opening = opened, None
            self.unused = self.open_from_s = 0
        if known:
            return _DONE
        self.answered.append((line.data, self._now_s))
        if line.number <= opened.last:
            return int(defs.REFUSE_ID_USED)
        opened.last, opened.heard_s = line.number, self._now_s
        if line.command == "key_revoke":
            permitted = _HOSTS[opened.name] >= defs.ROLE_SERVICE
            return int(defs.REFUSE_HOST_UNKNOWN if permitted else defs.REFUSE_ROLE_TOO_LOW)
        if line.command == "draft_drop":
            return int(defs.REFUSE_NOTHING_TO_DO)
        self.silenced += line.command == "silence"
        return _DONE

    def _unknown(self) -> int:
        """The refusal of a line whose code is of no session."""
        closed = self.session is None and self.opening is None
        return int(defs.REFUSE_NO_SESSION if closed else defs.REFUSE_CODE_INVALID)

    def _answer(self, data: bytes, sealed: bool) -> dict[str, Any]:
        """The pump's answer to a line; it has a code exactly when the line's was valid."""
        self.pump.heard()
        self.pump.board.link.waiting.extend(data)
        self.pump.run(0)
        (line,) = [line for line in bytes(self.pump.board.link.sent).split(b"\n") if b'"ok":' in line]
        frame = link_rig.wire.decode(line)
        assert (frame.code is not None) == sealed, line
        return dict(frame.fields)


_SETTINGS = settings(
    max_examples=20,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # a failure is shown as it was found; to shorten it takes minutes
)


def test_the_pump_does_what_the_model_of_its_sessions_says() -> None:
    run_state_machine_as_test(Sessions, settings=_SETTINGS)


@pytest.mark.parametrize("method", ["use", "begin_line"])
def test_a_pump_that_takes_ids_twice_or_never_ends_a_session_is_found(
    monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def begin_line(self: access.Access) -> None:
        self._by = None

    monkeypatch.setattr(access.Access, method, begin_line if method == "begin_line" else lambda *_: 0)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Sessions, settings=settings(_SETTINGS, max_examples=200))
