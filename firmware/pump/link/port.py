"""Carries the link: gathers bytes to lines, answers one line a step, and never waits for a host."""

from micropython import const

from pump import defs
from pump.core import ticks
from pump.link import wire

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import app, hal
    from pump.commands import dispatcher
    from pump.core import scheduler

_CHUNK = const(128)
_HALF_LINE_MS = const(10000)  # a person types slower than a program, but not this slow
_RETRY_MS = const(100)
_DEAF_MS = const(1000)  # a host that takes no byte for so long isn't reading
_LF = const(10)
_CR = const(13)


class Lines:
    """Gathers bytes to lines; `take` hands out the next whole line, with too long ones marked and half ones dropped."""

    def __init__(self, link: "hal.Link") -> None:
        self._read_into = link.read_into
        self._chunk = bytearray(_CHUNK)
        self._count = 0
        self._at = 0
        self._line = bytearray(defs.LINE_BYTES)
        self._length = 0
        self._last = 0
        self.too_long = False

    def waiting(self) -> bool:
        """Whether bytes that were read have not been looked at yet."""
        return self._at < self._count

    def age(self, now: int) -> None:
        """Drops a half line that has waited too long for its end; to be called in every step."""
        if (self._length or self.too_long) and ticks.diff(now, self._last) > _HALF_LINE_MS:
            self._length = 0
            self.too_long = False

    def take(self, now: int) -> "bytes | None":
        """The next line without its end, b"" for one that was too long, None while there is no whole line."""
        if not self.waiting():
            self._at = 0
            self._count = self._read_into(self._chunk)
            if self._count == 0:
                return None
            self._last = now
        while self._at < self._count:
            byte = self._chunk[self._at]
            self._at += 1
            if byte == _LF or byte == _CR:
                if self._length or self.too_long:
                    return self._hand_out()
            elif self._length + 1 < defs.LINE_BYTES:
                self._line[self._length] = byte
                self._length += 1
            else:
                self.too_long = True
        return None

    def _hand_out(self) -> bytes:
        line = b"" if self.too_long else bytes(memoryview(self._line)[: self._length])
        self._length = 0
        self.too_long = False
        return line


class Port:
    """The link's job: at most one line in and one line out a step, so that no stroke waits for a talkative host.

    While the host doesn't read, the line on its way out is kept, requests wait, and notices stay in the journal until
    there is room. A host that doesn't read for long can't know what it asks for: its requests are passed over, and
    only a stop is obeyed (D9).
    """

    def __init__(self, link: "hal.Link", commands: "dispatcher.Commands", app: "app.App") -> None:
        self._write = link.write
        self._commands = commands
        self._journal = app.journal
        self._alarms = app.alarms
        self._params = app.params
        self._status = app.status
        self._lines = Lines(link)
        self._out = memoryview(b"")
        self._sent = 0
        self._deaf = False
        self._told = app.journal.next
        self._heard = False
        self._heard_at = 0
        self._period_ms = 0
        self._telemetry_due = 0
        self.job: scheduler.Job

    def telemetry(self, now: int, period_s: int) -> None:
        """Sends a status every period_s seconds from now on; 0 ends it."""
        self._period_ms = period_s * 1000
        self._telemetry_due = ticks.add(now, self._period_ms)

    def run(self, now: int) -> None:
        """The job, in every step."""
        self._lines.age(now)
        if self._alarms.silenced:
            self._miss(now)
        if len(self._out) == 0:
            self._compose(now)
        if len(self._out) > 0:
            self._send(now)
        if len(self._out) > 0:
            self.job.at(ticks.add(now, _RETRY_MS))
        elif self._lines.waiting() or self._heard and self._told < self._journal.next:
            self.job.at(now)
        elif self._period_ms:
            self.job.at(self._telemetry_due)

    def _miss(self, now: int) -> None:
        """Ends a silence whose host is no longer heard (A4); the longest wait of the loop is precise enough."""
        lost_s = self._params.get(defs.PARAM_LINK_TIMEOUT_S)
        if ticks.diff(now, self._heard_at) >= lost_s * 1000:
            self._alarms.end_silence()
            if not self._alarms.silenced:
                self._journal.write(defs.EVENT_LINK_LOST, lost_s)

    def _compose(self, now: int) -> None:
        """The next line to send, the most wanted first: an answer, a notice, telemetry."""
        line = self._lines.take(now)
        if line is not None:
            self._heard = True
            self._heard_at = now
            self._put(self._commands.answer(line, now), now)
        elif not self._heard:
            self._told = self._journal.next
        elif self._told < self._journal.next:
            self._told = max(self._told, self._journal.oldest())
            self._put([("event", list(self._journal.read(self._told)))], now)
            self._told += 1
        elif self._period_ms and ticks.diff(now, self._telemetry_due) >= 0:
            self._telemetry_due = ticks.add(now, self._period_ms)
            self._put([("telemetry", self._status(now))], now)

    def _put(self, pairs: "list[tuple[str, object]]", now: int) -> None:
        self._out = memoryview(wire.encode(pairs))
        self._sent = now

    def _send(self, now: int) -> None:
        count = self._write(self._out)
        if count > 0:
            self._out = self._out[count:]
            self._sent = now
            self._deaf = False
        elif self._deaf:
            line = self._lines.take(now)
            if line is not None:
                self._heard_at = now
                self._commands.heed(line, now)
        else:
            self._deaf = ticks.diff(now, self._sent) > _DEAF_MS
