"""Runs the link: answers one line per step, sends events and telemetry, and never waits for a host."""

from micropython import const

from pump import defs
from pump.core import scheduler, ticks
from pump.link import line_reader, wire

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from pump import hal
    from pump.alarms import alarms
    from pump.core import containment, params
    from pump.journal import journal

    Pairs = list[tuple[str, object]]

_RETRY_MS = const(100)
_STALLED_MS = const(1000)  # a host that takes no byte for so long isn't reading
_LINK_MS = const(400)  # budget of the job: a long answer on a Pico


class Port:
    """At most one line in and one line out per step, so that no stroke waits for a host that sends a lot.

    While the host doesn't read, the line to send is kept, requests wait, and events stay in the journal until there is
    room. If the host has stopped reading, only `stop` is executed (D9).

    `answer(line, now)` gives the pairs of an answer, `heed(line, now)` executes a stop and nothing else, `status(now)`
    gives the pairs of the telemetry, `seal(body)` the authentication code of the answer, or None for none. An
    unexpected error in telemetry turns it off, one in an event leaves that out.
    """

    def __init__(
        self,
        link: "hal.Link",
        journal: "journal.Journal",
        alarms: "alarms.Alarms",
        params: "params.Params",
        answer: "Callable[[bytes, int], Pairs]",
        heed: "Callable[[bytes, int], None]",
        status: "Callable[[int], Pairs]",
        seal: "Callable[[bytearray], bytes | None]",
        containment: "containment.Containment",
    ) -> None:
        self._write = link.write
        self._journal = journal
        self._alarms = alarms
        self._params = params
        self._answer = answer
        self._heed = heed
        self._status = status
        self._seal = seal
        self._containment = containment
        self._lines = line_reader.LineReader(link)
        self._out = memoryview(b"")  # what is left to send of a line
        self._sent = 0  # tick of the last byte that the host took
        self._stalled = False  # the host has stopped reading
        self._told = journal.next  # sequence number of the next event to send
        self._heard = False  # a host has sent a line since power-on
        self._heard_at = 0  # tick of its last line
        self._period_ms = 0  # of the telemetry, 0 for none
        self._telemetry_due = 0
        self.job = scheduler.Job(self.run, _LINK_MS, always=True)

    def telemetry(self, now: int, period_s: int) -> None:
        """Sends a status every period_s seconds from now on; 0 ends it."""
        self._period_ms = period_s * 1000
        self._telemetry_due = ticks.add(now, self._period_ms)

    def run(self, now: int) -> None:
        """The job, in every step."""
        if self._lines.length or self._lines.too_long:
            self._lines.age(now)
        if self._alarms.silenced:
            self._check_host(now)
        if self._period_ms and ticks.diff(now, self._telemetry_due) > 0:
            self._telemetry_due = now  # a tick that a deaf host leaves behind could grow too old to be compared
        if not self._out:
            self._compose(now)
        if self._out:
            self._send(now)
        if self._out:
            self.job.at(ticks.add(now, _RETRY_MS))
        elif self._lines.waiting() or self._heard and self._told < self._journal.next:
            self.job.at(now)
        elif self._period_ms:
            self.job.at(self._telemetry_due)

    def _check_host(self, now: int) -> None:
        """Ends a silence whose host is no longer heard (A4); the longest wait of the loop is precise enough."""
        lost_s = self._params.get(defs.PARAM_LINK_TIMEOUT_S)
        if ticks.diff(now, self._heard_at) >= lost_s * 1000:
            self._alarms.end_silence()
            if not self._alarms.silenced:
                self._journal.write(defs.EVENT_LINK_LOST, lost_s)

    def _compose(self, now: int) -> None:
        """The next line to send, by priority: an answer, an event, telemetry."""
        line = self._lines.next_line(now)
        if line is not None:
            self._heard = True
            self._heard_at = now
            # An answer to what a pump sends could be answered in turn, for ever; but a stop is one wherever it stands.
            if not wire.is_of_a_pump(line) or wire.asks_stop(line):
                self._put(self._answer(line, now), now, self._seal)
        elif not self._heard:
            self._told = self._journal.next
        elif self._told < self._journal.next:
            self._told = self._journal.following(self._told)
            sequence = self._told
            self._told += 1
            self._containment.run(self._put_event, sequence, now, 0)
        elif self._period_ms and ticks.diff(now, self._telemetry_due) >= 0:
            self._telemetry_due = ticks.add(now, self._period_ms)
            if not self._containment.run(self._put_telemetry, None, now, 0):
                self._period_ms = 0

    def _put_event(self, sequence: int, now: int) -> bool:
        self._put([("event", list(self._journal.read(sequence)))], now)
        return True

    def _put_telemetry(self, _: None, now: int) -> bool:
        self._put([("telemetry", self._status(now))], now)
        return True

    def _put(self, pairs: "Pairs", now: int, seal: "Callable[[bytearray], bytes | None] | None" = None) -> None:
        self._out = memoryview(wire.encode(pairs, seal))
        self._sent = now

    def _send(self, now: int) -> None:
        count = self._write(self._out)
        if count > 0:
            self._out = self._out[count:]
            self._sent = now
            self._stalled = False
        elif self._stalled:
            line = self._lines.next_line(now)
            if line is not None:
                self._heard_at = now
                self._heed(line, now)
        else:
            self._stalled = ticks.diff(now, self._sent) > _STALLED_MS
