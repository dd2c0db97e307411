"""The watchdog of the simulated pump, with the Pico's behaviour, and its test at power-on."""

from pump import defs, hal
from pump.safety import watchdog_test

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sim_power

_WATCHDOG_MS = 8000  # as in drivers/chip/watchdog.py
_NEVER_MS = 0x1FFFFFFF  # longer than any wait
_MASK = 0x3FFFFFFF


class Watchdog:
    """Resets the pump 8 s after the last feed; the first feed starts it. Records the longest time between two feeds.

    Actions: watchdog_dead: it never resets; watchdog_forgets: its reset looks like a power-on; watchdog_works.
    """

    def __init__(self, ticks_ms: "callable") -> None:
        self._ticks_ms = ticks_ms
        self._fed = ticks_ms()
        self._started = False
        self._dead = self._forgets = False
        self.tested: "bool | None" = None
        self.longest_ms = 0
        self.actions = {"watchdog_dead": self._die, "watchdog_forgets": self._forget, "watchdog_works": self._work}

    def feed(self) -> None:
        now = self._ticks_ms()
        gap_ms = (now - self._fed) & _MASK
        if gap_ms > self.longest_ms:
            self.longest_ms = gap_ms
        self._fed = now
        self._started = True

    def left_ms(self, now: int) -> int:
        """Milliseconds until its reset; longer than any wait when it has not been started."""
        if not self._started or self._dead:
            return _NEVER_MS
        passed_ms = (now - self._fed) & _MASK
        return _WATCHDOG_MS - passed_ms if passed_ms < _WATCHDOG_MS else 0

    def begin(self) -> None:
        """Called after a reset: it is stopped until the first feed."""
        self._fed = self._ticks_ms()
        self._started = False

    def check(self) -> None:
        """PartError when it did not reset the pump in its test."""
        if self.tested is False:
            raise hal.PartError(defs.FAULT_NO_RESET)

    def _die(self, _: int) -> None:
        self._dead = True

    def _forget(self, _: int) -> None:
        self._forgets = True

    def _work(self, _: int) -> None:
        self._dead = self._forgets = False

    # ---- its test at power-on, which takes no simulated time ---------------------------------------------------------

    def test(self, kept: "Kept") -> None:
        """Tests the watchdog after a power-on; raises Reset when it works."""

        def wait_ms(_: int) -> None:
            if not self._dead:
                kept.reset(self._forgets)

        self.tested = watchdog_test.run(kept, lambda _: None, wait_ms, lambda: None)
        if self.tested:
            kept.restore_cause()


class Kept:
    """A watchdog_test.Kept for the simulated power: while it is marked, the next reset is that of the test."""

    def __init__(self, power: "sim_power.Power") -> None:
        self._power = power
        self._marked = False
        self._tries = 0
        self._cause = power.cause

    def is_marked(self) -> bool:
        return self._marked

    def watchdog_reset(self) -> bool:
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

    def reset(self, forgets: bool) -> None:
        """The watchdog's reset; raises Reset. With `forgets` the mark and the cause of the reset are lost."""
        if forgets:
            self._marked = False
            self._power.reset_now(self._cause)
        self._power.reset_now(defs.RESET_WATCHDOG)

    def restore_cause(self) -> None:
        """The last reset was that of the test, so restores the cause of the reset before it."""
        self._power.cause = self._cause
