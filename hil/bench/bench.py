"""The bench: the pump on its link, the world around it, and the time between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pumpctl import defs, pump
from pumpctl.protocol.answers import LogRow, Status

from bench.dut import Dut

FILL_NL = 16_000_000
STROKE_PL = 250_000
_DAY_MS = 86_400_000
_ANSWER_S = 1.0  # an emulated pump, or one behind a network, takes its time
_QUIET_S = 0.1


class Bench:
    """A pump that can be talked to (`pump`), a world to which things can be done, and time (`wait`)."""

    def __init__(self, dut: Dut, has_world: bool = True) -> None:
        self.dut = dut
        self.transport = dut.transport()
        self.pump = pump.Pump.connect(self.transport)
        self.received: list[LogRow] = []
        self._has_world = has_world

    def close(self) -> None:
        """Ends the pump and everything that belongs to it."""
        self.pump.close()
        self.dut.close()

    # ---- time --------------------------------------------------------------------------------------------------

    @property
    def now_s(self) -> float:
        """Seconds since the bench was started."""
        return self.dut.elapsed_ms / 1000

    def wait(self, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0, ms: int = 0) -> None:
        """Lets time pass; what the pump says meanwhile is kept in `received`."""
        total_s = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
        self.dut.run(round(total_s * 1000) + ms)
        self.received += self.pump.events()

    def wait_for(self, what: str, done: Callable[[], bool], within_s: float, step_s: float = 1) -> float:
        """Waits until `done`, looking every step_s; the seconds that it took. AssertionError when it doesn't come."""
        began_s = self.now_s
        while not done():
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
        """Names of the alarms that stand or wait, the highest first."""
        return [row.name for row in self.pump.alarms()]

    def set_up(self, rate_ul_day: int = 1000, volume_nl: int = FILL_NL, fluid: str = "saline") -> None:
        """Fills the reservoir, enters it, and sets a plan without end; the pump stays in standby."""
        self.refill(volume_nl, fluid)
        self.pump.therapy_set(
            "continuous", rate_ul_day, fluid=fluid, override="soft_rate"
        )  # a bench goes to all limits

    def refill(self, volume_nl: int = FILL_NL, fluid: str = "saline", early: bool = False) -> None:
        """Empties the reservoir, enters what came out, fills it and enters that; the pump stays in standby."""
        ledger_nl = self.pump.refill_begin()
        if self.pump.status().fluid != "none":  # of what nobody knows nothing has to be entered
            self.pump.refill_withdrawn(self.truth()["reservoir_nl"] if self._has_world else ledger_nl)
        if self._has_world:
            self.do("refill", volume_nl)
        self.pump.refill_finish(volume_nl, fluid, early)

    def infuse(self, rate_ul_day: int = 1000, volume_nl: int = FILL_NL) -> None:
        """`set_up`, and delivery begins."""
        self.set_up(rate_ul_day, volume_nl)
        self.pump.start()

    def running_ms(self) -> int:
        """Milliseconds since the pump first began to infuse, by its own clock; it has not been held since."""
        self.received += self.pump.events()
        (began,) = self.events("phase")
        return self.pump.status().total_uptime_ms - (began.uptime_s * 1000 + began.ms)

    def raw(self, data: bytes) -> list[bytes]:
        """Sends bytes as they are; the lines that came back until the pump had no more to say."""
        self.wait(ms=100)  # an event that is on its way is heard out first, or its end would stand before the answer
        self.transport.write(data)
        heard = self.transport.read(_ANSWER_S)
        while piece := self.transport.read(_QUIET_S):
            heard += piece
        return heard.splitlines()

    def events(self, name: str, a: int | None = None) -> list[LogRow]:
        """What was heard of this kind so far, of all numbers or of one."""
        return [row for row in self.received if row.name == name and (a is None or row.a == a)]

    # ---- the world ---------------------------------------------------------------------------------------------

    def truth(self) -> dict[str, int]:
        """What is so, whatever the sensors say."""
        return self.dut.truth()

    def over_accounted_nl(self) -> int:
        """By how many nL the book is above what was really pumped; needs `world`."""
        return self.status.delivered_nl - self.truth()["pumped_nl"]

    def do(self, action: str, value: int | None = None) -> None:
        """Does something to the world: block, unblock, drain, refill, ..."""
        self.dut.do(action, value)

    @contextmanager
    def blocked(self) -> Iterator[None]:
        """A line that is blocked for as long as the block of code runs."""
        self.do("block")
        yield
        self.do("unblock")


def strokes_due(rate_ul_day: int, ms: int, stroke_pl: int = STROKE_PL) -> int:
    """Strokes that have to be delivered in a span, exactly: floor(rate * t / stroke)."""
    return rate_ul_day * 1_000_000 * ms // (_DAY_MS * stroke_pl)


def alarm(name: str) -> int:
    """Number of an alarm."""
    return next(number for number, row in defs.ALARMS.items() if row.name == name)
