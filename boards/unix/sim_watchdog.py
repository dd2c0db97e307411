"""The watchdog of the simulated pump, which bites as the Pico's does, and what its test at power-on meets."""

from pump import defs, hal
from pump.core import ticks
from pump.safety import watchdog_test

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sim_power

_WATCHDOG_MS = 8000  # as in drivers/watchdog.py
_DAY_MS = 86400000


class Watchdog:
    """Bites 8 s after the last meal, once fed; knows the longest time that it was left alone.

    Actions: watchdog_dead, it never bites; watchdog_forgets, its bite looks as a power-on does; watchdog_works.
    """

    def __init__(self, ticks_ms: "callable") -> None:
        self._ticks_ms = ticks_ms
        self._fed = ticks_ms()
        self._awake = False
        self._dead = self._forgets = False
        self.proved: "bool | None" = None
        self.longest_ms = 0
        self.actions = {"watchdog_dead": self._die, "watchdog_forgets": self._forget, "watchdog_works": self._work}

    def feed(self) -> None:
        now = self._ticks_ms()
        gap_ms = ticks.diff(now, self._fed)
        if gap_ms > self.longest_ms:
            self.longest_ms = gap_ms
        self._fed = now
        self._awake = True

    def left_ms(self) -> int:
        """Milliseconds until it bites, at least a day when it sleeps."""
        if not self._awake or self._dead:
            return _DAY_MS
        return max(0, _WATCHDOG_MS - ticks.diff(self._ticks_ms(), self._fed))

    def begin(self) -> None:
        """The processor has begun anew: it sleeps until its first meal."""
        self._fed = self._ticks_ms()
        self._awake = False

    def check(self) -> None:
        """PartError when it has not bitten in its test."""
        if self.proved is False:
            raise hal.PartError(defs.FAULT_NO_RESET)

    def _die(self, _: int) -> None:
        self._dead = True

    def _forget(self, _: int) -> None:
        self._forgets = True

    def _work(self, _: int) -> None:
        self._dead = self._forgets = False

    # ---- its test at power-on, which takes no time here -----------------------------------------------------------

    def prove(self, kept: "Kept") -> None:
        """At a power-on raises Reset, if the watchdog bites."""

        def wait_ms(_: int) -> None:
            if not self._dead:
                kept.bite(self._forgets)

        self.proved = watchdog_test.run(kept, lambda _: None, wait_ms, lambda: None)
        if self.proved:
            kept.forgive()


class Kept:
    """A watchdog_proof.Kept over the simulated power; marked, a reset that comes is the test's own."""

    def __init__(self, power: "sim_power.Power") -> None:
        self._power = power
        self._marked = False
        self._tries = 0
        self._cause = power.cause

    def is_marked(self) -> bool:
        return self._marked

    def bitten(self) -> bool:
        return self._power.cause == defs.RESET_WATCHDOG

    def is_cold(self) -> bool:
        return self._power.cause in (defs.RESET_POWER_ON, defs.RESET_BROWN_OUT)

    def tries(self) -> int:
        return self._tries

    def mark(self, tries: int) -> None:
        self._cause = self._power.cause
        self._tries = tries
        self._marked = True

    def clear(self) -> None:
        self._tries = 0
        self._marked = False

    def bite(self, forgets: bool) -> None:
        """The watchdog's reset; `forgets` when the marks and the reason are lost with it."""
        if forgets:
            self._marked = False
            self._power.bite(self._cause)
        self._power.bite(defs.RESET_WATCHDOG)

    def forgive(self) -> None:
        """The bite was the test's: the cause of the start is what came before."""
        self._power.cause = self._cause
