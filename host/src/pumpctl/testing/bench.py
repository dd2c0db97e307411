"""The bench: the pump on its link, the world around it, and time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pumpctl import defs, pump
from pumpctl.protocol.answers import LogRow, Status
from pumpctl.protocol.timing import TIMEOUT_S
from pumpctl.testing.dut import Dut

FILL_NL = 16_000_000
STROKE_PL = 250_000
# After these the occlusion detector knows the rise of a stroke (firmware/pump/occlusion/detector.py).
READY_STROKES = 16
_DAY_MS = 86_400_000
_ANSWER_S = 1.0  # an emulated pump, or one behind a network, is slow
_QUIET_S = 0.1


class Bench:
    """A pump (`pump`), its world (`do`, `truth`), and time (`wait`)."""

    def __init__(self, dut: Dut, has_world: bool = True, timeout_s: float = TIMEOUT_S) -> None:
        """Greet the pump, which has `timeout_s` for each answer."""
        self.dut = dut
        self.transport = dut.transport()
        self.pump = pump.Pump.connect(self.transport, timeout_s)
        self.received: list[LogRow] = []
        self._has_world = has_world

    def close(self) -> None:
        """Ends the pump and its world."""
        self.pump.close()
        self.dut.close()

    # ---- time --------------------------------------------------------------------------------------------------

    @property
    def now_s(self) -> float:
        """Seconds since the bench was started."""
        return self.dut.elapsed_ms / 1000

    def wait(self, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0, ms: int = 0) -> None:
        """Lets time pass; the events that the pump sends meanwhile are added to `received`."""
        total_s = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
        self.dut.run(round(total_s * 1000) + ms)
        self.received += self.pump.events()

    def run_until(
        self, condition: Callable[[], bool], within_s: float, what: str = "the condition", step_s: float = 1
    ) -> float:
        """Waits until `condition()`, called every step_s; returns the seconds it took, or raises AssertionError."""
        began_s = self.now_s
        while not condition():
            assert self.now_s - began_s < within_s, f"{what} did not come within {within_s} s; status: {self.status}"
            self.wait(seconds=step_s)
        return self.now_s - began_s

    # ---- the pump ----------------------------------------------------------------------------------------------

    @property
    def status(self) -> Status:
        return self.pump.status()

    @property
    def state(self) -> str:
        return self.pump.status().state_name

    @property
    def alarms(self) -> list[str]:
        """Names of the active alarms and of those that wait for acknowledgement, highest priority first."""
        return [row.name for row in self.pump.alarms()]

    def set_up(self, rate_ul_day: int = 1000, volume_nl: int = FILL_NL, fluid: str = "saline") -> None:
        """Fills the reservoir, enters the refill, and sets a plan without end; the pump stays in standby."""
        self.refill(volume_nl, fluid)
        # Bench tests go up to the hard limits, so the soft ones are overridden.
        self.pump.therapy_set("continuous", rate_ul_day, fluid=fluid, override="soft_rate")

    def refill(self, volume_nl: int = FILL_NL, fluid: str = "saline", early: bool = False) -> None:
        """Empties the reservoir, enters the withdrawn volume, fills it, enters the fill; the pump stays in standby."""
        ledger_nl = self.pump.refill_begin()
        if self.pump.status().fluid != "none":  # with unknown contents there is no withdrawal to enter
            self.pump.refill_withdrawn(self.truth()["reservoir_nl"] if self._has_world else ledger_nl)
        if self._has_world:
            self.do("refill", volume_nl)
        self.pump.refill_finish(volume_nl, fluid, early)

    def infuse(self, rate_ul_day: int = 1000, volume_nl: int = FILL_NL) -> None:
        """`set_up`, then starts delivery."""
        self.set_up(rate_ul_day, volume_nl)
        self.pump.start()

    def ready(self, rate_ul_day: int = 1000) -> None:
        """`infuse`, then waits until the pump knows the line, so that what a test does next is noticed."""
        first = self.status.strokes
        self.infuse(rate_ul_day)
        period_s = STROKE_PL * _DAY_MS / (rate_ul_day * 1_000_000) / 1000
        last = first + READY_STROKES
        self.run_until(lambda: self.status.strokes >= last, 2 * READY_STROKES * period_s, "delivery", period_s)

    def running_ms(self) -> int:
        """Milliseconds since the pump began to infuse, by its own clock; it must not have stopped since."""
        self.received += self.pump.events()
        (began,) = self.events("phase")
        return self.pump.status().total_uptime_ms - (began.uptime_s * 1000 + began.ms)

    def raw(self, data: bytes, within_s: float = _ANSWER_S) -> list[bytes]:
        """Sends bytes unchanged; returns the lines that come back, from within `within_s` until the link is quiet."""
        self.wait(ms=100)  # reads an event that is being sent, or its end would come before the answer
        self.transport.write(data)
        data = self.transport.read(within_s)
        while piece := self.transport.read(_QUIET_S):
            data += piece
        return data.splitlines()

    def events(self, name: str, a: int | None = None) -> list[LogRow]:
        """The events of this name received so far; with `a`, only those whose first number is `a`."""
        return [row for row in self.received if row.name == name and (a is None or row.a == a)]

    # ---- the world ---------------------------------------------------------------------------------------------

    def truth(self) -> dict[str, int]:
        """The ground truth of the world, without sensor errors; raises NoWorld."""
        return self.dut.truth()

    def over_accounted_nl(self) -> int:
        """By how many nL the pump's delivered total exceeds the volume really pumped; needs `world`."""
        return self.status.delivered_nl - self.truth()["pumped_nl"]

    def do(self, action: str, value: int | None = None) -> None:
        """Executes an action on the world: block, unblock, drain, refill, ...; raises NoWorld."""
        self.dut.do(action, value)

    @contextmanager
    def blocked(self) -> Iterator[None]:
        """Blocks the line while the code in this context runs."""
        self.do("block")
        yield
        self.do("unblock")


def strokes_due(rate_ul_day: int, ms: int, stroke_pl: int = STROKE_PL) -> int:
    """The exact number of strokes due in this time: floor(rate * t / stroke)."""
    return rate_ul_day * 1_000_000 * ms // (_DAY_MS * stroke_pl)


def alarm(name: str) -> int:
    """The number of the alarm of this name."""
    return next(number for number, row in defs.ALARMS.items() if row.name == name)
