"""A pump on a link: one method per command; answers are records with units in their names."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from pumpctl import defs, errors, exchange, link, records, wire

TIMEOUT_S = 3.0

_Row = TypeVar("_Row")


@dataclass(frozen=True)
class Change:
    """A parameter before and after a change."""

    old: int
    new: int


@dataclass(frozen=True)
class Acknowledged:
    """How many alarms an acknowledgement took, and how many still stand."""

    acknowledged: int
    standing: int


class Pump:
    """Every method raises Refused, NoAnswer, LinkLost or BadAnswer; with foreign definitions those that change
    something raise ForeignDefinitions instead of sending anything.

        with Pump.connect(link.SerialTransport("/dev/ttyACM0")) as pump:
            pump.rate(1500)
            print(pump.status().delivered_nl)
    """

    def __init__(self, line: exchange.Exchange, hello: records.Hello) -> None:
        """Use `connect`."""
        self._exchange = line
        self.hello = hello

    @classmethod
    def connect(
        cls,
        transport: link.Transport,
        timeout_s: float = TIMEOUT_S,
        first_id: int = 1,
        on_log: Callable[[str], None] | None = None,
    ) -> Self:
        """Greet the pump and return it; it owns the transport from now on, also when this fails.

        `timeout_s` holds for each answer, `first_id` is that of the first request, `on_log` gets lines of device log.
        """
        line = exchange.Exchange(transport, timeout_s, first_id, on_log)
        try:
            return cls(line, records.Hello.from_answer(line.greet()))
        except BaseException:
            transport.close()
            raise

    @property
    def foreign(self) -> bool:
        """Whether the pump's definitions are not this program's."""
        return self.hello.foreign

    def close(self) -> None:
        """Give the port back."""
        self._exchange.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- reading and stop: always sent ------------------------------------------------------------------------------

    def status(self) -> records.Status:
        """How the pump is."""
        return records.Status.from_answer(self._request("status"))

    def stop(self) -> None:
        """End delivery after the stroke that is under way; taken in every state."""
        self._request("stop")

    def therapy(self) -> records.Therapy | None:
        """The plan and where it stands, None without a plan."""
        answer = self._request("therapy")
        return None if answer.get("profile") is None else records.Therapy.from_answer(answer)

    def params(self) -> list[records.ParamRow]:
        """All parameters."""
        return [records.ParamRow(*row) for page in self._pages("params", 0, 2) for row in page]

    def alarms(self) -> list[records.AlarmRow]:
        """Alarms that stand or wait to be acknowledged, the highest first."""
        rows = (exchange.numbers(row, 4) for row in _list(self._request("alarms")))
        return [records.AlarmRow(alarm, bool(stands), bool(seen), since) for alarm, stands, seen, since in rows]

    def log(self, first: int = 0) -> list[records.LogRow]:
        """Records kept by the pump from a sequence number on, oldest first."""
        return [row for page in self.log_pages(first) for row in page]

    def log_pages(self, first: int = 0) -> Iterator[list[records.LogRow]]:
        """The same a page at a time, as they come."""
        for page in self._pages("log", first, 6):
            yield [records.LogRow(*row) for row in page]

    def memory(self) -> tuple[int, int]:
        """Bytes of the pump's heap that are free, and in use, after a collection."""
        answer = self._request("memory")
        return _int(answer, "free_bytes"), _int(answer, "used_bytes")

    def telemetry(self, period_s: int) -> None:
        """Have a status sent unasked every so many of the pump's seconds; 0 ends it."""
        self._request("telemetry", period_s=period_s)

    # ---- what changes something -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin delivery by the plan."""
        self._request("start")

    def pause(self) -> None:
        """Hold delivery."""
        self._request("pause")

    def resume(self) -> None:
        """Go on after a pause or a stopping alarm."""
        self._request("resume")

    def rate(self, ul_day: int) -> None:
        """Change the rate."""
        self._request("rate", ul_day=ul_day)

    def therapy_set(
        self,
        profile: str,
        rate_ul_day: int,
        phase_h: int | None = None,
        cycles: int | None = None,
        fluid: str | None = None,
    ) -> None:
        """Set a plan; what is None is left to the pump's default."""
        wanted = {"phase_h": phase_h, "cycles": cycles, "fluid": fluid}
        given = {name: value for name, value in wanted.items() if value is not None}
        self._request("therapy_set", profile=profile, rate_ul_day=rate_ul_day, **given)

    def param_set(self, name: str, value: int) -> Change:
        """Change one parameter."""
        answer = self._request("param_set", name=name, value=value)
        return Change(_int(answer, "old"), _int(answer, "new"))

    def ack(self, alarm: int = 0) -> Acknowledged:
        """Acknowledge an alarm by its number, 0 for all that stand."""
        answer = self._request("ack", alarm=alarm)
        return Acknowledged(_int(answer, "acknowledged"), _int(answer, "standing"))

    def silence(self) -> int:
        """Turn the sound off; returns for how many seconds."""
        return _int(self._request("silence"), "silence_s")

    def refill_begin(self) -> int:
        """Stop delivery for a refill; returns the volume in nL that the ledger says is left."""
        return _int(self._request("refill_begin"), "ledger_nl")

    def refill_finish(self, volume_nl: int, fluid: str, early: bool = False) -> int:
        """Enter what the reservoir holds now; returns the phase of the plan after it."""
        extra: dict[str, wire.Value] = {"early": True} if early else {}
        return _int(self._request("refill_finish", volume_nl=volume_nl, fluid=fluid, **extra), "phase")

    def refill_cancel(self) -> None:
        """Break the refill off."""
        self._request("refill_cancel")

    # ---- said unasked -----------------------------------------------------------------------------------------------

    def poll(self, timeout_s: float) -> None:
        """Take in what the pump says unasked; waits up to `timeout_s` for the first of it."""
        self._exchange.poll(timeout_s)

    def events(self) -> list[records.LogRow]:
        """Records that the pump has told unasked since the last call; does not wait."""
        self.poll(0)
        return _drained(self._exchange.events)

    def telemetries(self) -> list[records.Status]:
        """Statuses that the pump has sent unasked since the last call; does not wait."""
        self.poll(0)
        return _drained(self._exchange.telemetry)

    def _request(self, command: str, **fields: wire.Value) -> dict[str, Any]:
        if self.foreign and defs.COMMANDS[command].key != "view":
            raise errors.ForeignDefinitions(command, self.hello.digest, defs.DIGEST)
        return self._exchange.request(command, fields)

    def _pages(self, command: str, first: int, columns: int) -> Iterator[list[list[int]]]:
        """Yield the pages of a list; raises BadAnswer when they don't advance."""
        while True:
            answer = self._request(command, first=first)
            yield [exchange.numbers(row, columns) for row in _list(answer)]
            following = answer.get("next")
            if following is None:
                return
            if type(following) is not int or following <= first:
                raise errors.BadAnswer(f"The pump's pages of {command} do not advance; check its version (`info`).")
            first = following


def _drained(queue: deque[_Row]) -> list[_Row]:
    rows = list(queue)
    queue.clear()
    return rows


def _list(answer: dict[str, Any]) -> list[Any]:
    rows = answer.get("rows")
    if not isinstance(rows, list):
        raise errors.BadAnswer("The pump's answer lacks its rows; install the pumpctl of its firmware.")
    return rows


def _int(answer: dict[str, Any], name: str) -> int:
    value = answer.get(name)
    if type(value) is not int:
        raise errors.BadAnswer(f"The pump's answer has {name} {value!r}, which makes no sense; see `info`.")
    return value
