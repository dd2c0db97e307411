"""Listens to one pump for long: its resets, its silence and a port that vanishes are noticed, told and survived.

After a reset the pump sends nothing until it is asked, and its telemetry is off. After a time without a port the same
board is found by its USB serial number, also under another name of the port.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Self, TypeVar

from pumpctl import errors, ports, units
from pumpctl.frozen import frozen
from pumpctl.protocol import answers
from pumpctl.pump import Pump

WAIT_S = 60.0
LOG_PERIOD_S = 2  # of the telemetry beside the log: it shows that the pump is there, and the number of records
_POLL_S = 0.2
_RETRY_S = 0.5
_SILENT_S = 5.0  # then the pump is asked
_ABSENT = (
    errors.LinkLost,
    errors.NoAnswer,
    errors.LinkDamaged,
    errors.OtherBoard,
    errors.PortMissing,
    errors.PortBusy,
    errors.PortDenied,
    errors.PortUnfit,
)

_Answer = TypeVar("_Answer")


@frozen
class Gap:
    """A place where something may be missing; `cause` is reset, absence or records."""

    cause: str
    text: str


Item = answers.Status | answers.LogRow | Gap


@frozen
class Tools:
    """What reaches the pump, the ports and the clock; `say` tells the user that the pump is being waited for.

    `between` is called some times a second, whenever no request waits for its answer; `prepare` gets the pump whenever
    its telemetry has to be switched on, so also after a reset.
    """

    connect: Callable[[str], Pump]
    say: Callable[[str], None]
    find_ports: Callable[[], list[ports.Port]] = ports.listed
    now_s: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    between: Callable[[], None] = lambda: None
    prepare: Callable[[Pump], None] = lambda pump: None


class Listener:
    """A pump at a port; `pump` is None while it can't be reached. Use it as a context manager."""

    def __init__(self, port: str, tools: Tools, wait_s: float = WAIT_S) -> None:
        """Connect to the pump; raises what `Pump.connect` and the port raise."""
        self.port = port
        self._tools = tools
        self._wait_s = wait_s
        self._gaps: list[Gap] = []
        self._rows: deque[answers.LogRow] = deque()
        self._statuses: deque[answers.Status] = deque()
        self._last: answers.Status | None = None
        self._period_s = 0
        self._heard_s = self._telemetry_s = 0.0
        self._absent_since_s: float | None = None
        self._lost: errors.PumpError | None = None  # the first failure, until the user is told
        self.pump: Pump | None = tools.connect(port)
        self.hello = self.pump.hello
        place = ports.named(port, tools.find_ports)
        self._serial_number = place.serial_number if place else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.pump is not None:
            with suppress(errors.PumpError):
                if self._period_s:
                    self.pump.telemetry(0)
            self.pump.close()

    def ask(self, question: Callable[[Pump], _Answer]) -> _Answer:
        """Return the pump's answer, after connecting again if it can't be reached; raises PumpAbsent in the end."""
        while True:
            try:
                answer = question(self._connected())
            except _ABSENT as error:
                self._wait(error)
                continue
            if self._absent_since_s is not None:
                absent_s = round(self._tools.now_s() - self._absent_since_s)
                self._absent_since_s = None
                self._gaps.append(
                    Gap("absence", f"The link to the pump was interrupted for {absent_s} s; its port is {self.port}.")
                )
            return answer

    def observe(self, status: answers.Status) -> list[Gap]:
        """Take note of a status; return the gaps before it."""
        last, self._last = self._last, status
        if last is not None and status.shows_reset_since(last):
            start = f"this is start {status.boot}, and it" if status.boot else "it"
            runs = units.duration(status.uptime_s)
            self._gaps.append(Gap("reset", f"The pump was reset; {start} has run for {runs}."))
        gaps, self._gaps = self._gaps, []
        return gaps

    def listen(self, period_s: int) -> Iterator[Item]:
        """Yield a status, then telemetry and events as they come; a Gap, and a status, where some may be missing."""
        yield from self._subscribe(period_s)
        while True:
            self._tools.between()
            self._receive(_POLL_S)
            while self._rows:
                yield self._rows.popleft()
            while self._statuses:
                status = self._statuses.popleft()
                self._telemetry_s = self._tools.now_s()
                yield from self.observe(status)
                yield status
            if self._tools.now_s() - self._heard_s >= _SILENT_S or self.pump is None:
                yield from self._probe(period_s)

    def _subscribe(self, period_s: int) -> Iterator[Item]:
        """Ask for telemetry and yield the present status."""
        self._period_s = period_s
        self.ask(self._tools.prepare)
        self.ask(lambda pump: pump.telemetry(period_s))
        self._telemetry_s = self._tools.now_s()
        status, earlier = self._ask_status()
        yield from earlier
        yield from self.observe(status)
        yield status

    def _probe(self, period_s: int) -> Iterator[Item]:
        """Ask a silent pump for its status; ask for telemetry again if it was reset, or if that is overdue."""
        status, earlier = self._ask_status()
        yield from earlier
        gaps = self.observe(status)
        yield from gaps
        if gaps or self._heard_s - self._telemetry_s >= period_s + _SILENT_S:
            yield from self._subscribe(period_s)

    def _ask_status(self) -> tuple[answers.Status, list[answers.Status]]:
        """Return the pump's status, and the telemetry that came before it."""
        status = self.ask(lambda pump: pump.status())
        self._heard_s = self._tools.now_s()
        self._receive(0)
        came = list(self._statuses)
        self._statuses.clear()
        for other in came:
            if other.boot == status.boot and other.total_uptime_ms > status.total_uptime_ms:
                self._statuses.append(other)
        return status, came[: len(came) - len(self._statuses)]

    def _receive(self, wait_s: float) -> None:
        """Sort what has come into records and statuses; wait for it up to `wait_s`."""
        if self.pump is None:
            return
        try:
            self.pump.poll(wait_s)
            rows, statuses = self.pump.events(), self.pump.telemetries()
        except _ABSENT as error:
            self._drop(error)
            return
        if rows or statuses:
            self._heard_s = self._tools.now_s()
        self._rows += rows
        self._statuses += statuses

    def _connected(self) -> Pump:
        """Return the pump, connected again if need be; raises one of _ABSENT."""
        if self.pump is None:
            port = self._present_port()
            pump = self._tools.connect(port)
            if pump.hello.unique_id != self.hello.unique_id:
                pump.close()
                raise errors.OtherBoard(port, pump.hello.unique_id, self.hello.unique_id)
            self.pump, self.hello, self.port = pump, pump.hello, port
        return self.pump

    def _present_port(self) -> str:
        """Return the name that the pump's port has now; raises PortMissing."""
        if not self._serial_number:
            return self.port
        found = ports.with_serial_number(self._serial_number, self._tools.find_ports)
        if found is None:
            raise errors.PortMissing(self.port)
        return found.device

    def _wait(self, error: errors.PumpError) -> None:
        """Wait before the next attempt; raises PumpAbsent when the pump has been absent for too long."""
        self._drop(error)
        if self._lost is not None:
            self._tools.say(f"{self._lost} Waiting for it up to {self._wait_s:g} s.")
            self._lost = None
        if self._tools.now_s() - (self._absent_since_s or 0.0) >= self._wait_s:
            raise errors.PumpAbsent(self.port, self._wait_s, error) from error
        self._tools.between()
        self._tools.sleep(_RETRY_S)

    def _drop(self, error: errors.PumpError) -> None:
        """The pump is absent: close the port, so that it is opened again; a simulated pump would end with it."""
        if self._absent_since_s is None:
            self._absent_since_s = self._tools.now_s()
            self._lost = error
        if self.pump is not None and not ports.starts_a_pump(self.port):
            self.pump.close()
            self.pump = None


class LogFollower:
    """Yields each record of the log once, also those that were sent while nothing was received.

    It begins with the first record stored, with the one after `last`, or, `from_now`, with the next one.
    """

    def __init__(self, listener: Listener, last: answers.LogRow | None = None, from_now: bool = False) -> None:
        self.new_logs = 0  # how often the pump has begun a new log
        self._listener = listener
        self._last = last
        self._following = 0 if last is None else last.sequence + 1
        self._from_now = from_now and last is None
        self._unchecked = last is not None  # whether the pump's log is still the one of this record
        self._caught_up = last is not None  # with what was stored at the start

    def records(self) -> Iterator[answers.LogRow | Gap]:
        """Yield the stored records, then new ones, and the gaps; raises PumpAbsent in the end."""
        for item in self.items(LOG_PERIOD_S):
            if not isinstance(item, answers.Status):
                yield item

    def items(self, period_s: int) -> Iterator[Item]:
        """Yield the same, and the telemetry."""
        for item in self._listener.listen(period_s):
            if isinstance(item, answers.LogRow):
                yield from self._take_event(item)
                continue
            yield item
            if isinstance(item, answers.Status):
                self._skip_stored(item)
            if isinstance(item, Gap) or self._unchecked or (item.log_next and item.log_next < self._following):
                yield from self._check()
            if isinstance(item, Gap) or not item.log_next or item.log_next > self._following:
                yield from self._fetch()

    def _skip_stored(self, status: answers.Status) -> None:
        """Begin with the next record; earlier firmware doesn't tell its number, so all stored ones are read."""
        if self._from_now:
            self._following = status.log_next
            self._caught_up = status.log_next > 0
            self._from_now = False

    def _take_event(self, row: answers.LogRow) -> Iterator[answers.LogRow | Gap]:
        if row.sequence == self._following:
            self._keep(row)
            yield row
        elif row.sequence > self._following:
            yield from self._fetch()

    def _fetch(self) -> Iterator[answers.LogRow | Gap]:
        """Read the records after the last one from the pump's own log; what is stored at the start may have holes."""
        more = True
        while more:
            rows, more = self._page(self._following)
            for row in rows:
                following = self._following
                if row.sequence < following:  # known already
                    continue
                if self._caught_up and row.sequence > following:
                    last = row.sequence - 1
                    yield Gap(
                        "records", f"The records {following} to {last} were overwritten before they could be read."
                    )
                self._keep(row)
                yield row
        self._caught_up = True

    def _keep(self, row: answers.LogRow) -> None:
        self._last = row
        self._following = row.sequence + 1

    def _check(self) -> Iterator[Gap]:
        """Begin again with the first record if the pump's log is another one than before."""
        self._unchecked = False
        last = self._last
        if last is None:
            return
        rows, _ = self._page(last.sequence)
        same = bool(rows) and (rows[0] == last or rows[0].sequence > last.sequence or not rows[0].event)
        if not same:
            self._last = None
            self._following = 0
            self._caught_up = False
            self.new_logs += 1
            yield Gap("records", "The pump has a new log; the records after the last one above are not in it.")

    def _page(self, first: int) -> tuple[list[answers.LogRow], bool]:
        return self._listener.ask(lambda pump: pump.log_page(first))
