"""The two drivers of simulated time: the bench, which says how long to run, and the wall."""

import binascii
import select
import sys
import time

from pump.core import ticks

TYPE_CHECKING = False
if TYPE_CHECKING:
    import bench_channel
    import sim_link
    import sim_power
    import sim_watchdog
    from plant import world

# Five seconds before the ticks wrap, so that whatever runs longer crosses the wrap that a Pico meets after 12.43 days.
START = ticks.add(0, -5000)
_LONGEST_RUN_MS = 86400000
_LONGEST_LAG_MS = 1000  # of the wall; a machine that slept does not make up for it


class Arrivals:
    """Bytes of the link end a wait; those that the pump then leaves lie end no other, or time would stand for good."""

    def __init__(self) -> None:
        self._lying = 0  # bytes, at the last wait

    def come(self) -> None:
        """Bytes have come: they end the next wait, whatever lies there already."""
        self._lying = 0

    def end_wait(self, lying: int) -> bool:
        """Asked once in each wait, with the bytes that lie there."""
        before = self._lying
        self._lying = lying
        return lying != 0 and lying != before


class HostClock:
    """Time stands still until the bench says `run`; a wait is a jump."""

    def __init__(self, world: "world.World", link: "sim_link.BenchLink", wake_ms: int) -> None:
        self.channel: "bench_channel.Channel"
        self.power: "sim_power.Power"
        self.watchdog: "sim_watchdog.Watchdog"
        self._advance = world.advance
        self._link = link
        self._wake_ms = wake_ms
        self._now = START
        self._left_ms = 0
        self._running = False
        self._arrivals = Arrivals()

    def ticks_ms(self) -> int:
        return self._now

    def wait_ms(self, span_ms: int) -> None:
        if span_ms == 0:
            return
        if self._arrivals.end_wait(self._link.waiting()):
            return
        if self._left_ms == 0:
            self._next_run()
            return
        if span_ms > self._left_ms:
            span_ms = self._left_ms
        if span_ms > self._wake_ms > 0:
            span_ms = self._wake_ms
        self._move(span_ms)

    def stand_still(self, span_ms: int) -> None:
        """The program hangs for so long at most: time passes, the bench is served, and the link's bytes wait."""
        if self._left_ms == 0:
            self._next_run()
        self.pass_ms(span_ms)

    def pass_ms(self, span_ms: int) -> None:
        """Time that a part takes while the program stands still, to the end of the run at most."""
        self._move(min(span_ms, self._left_ms))

    def _move(self, span_ms: int) -> None:
        span_ms = min(span_ms, self.watchdog.left_ms())
        self._left_ms -= span_ms
        self._now = ticks.add(self._now, span_ms)
        self._advance(span_ms)
        if not self.watchdog.left_ms():
            self.power.bite()

    def _next_run(self) -> None:
        """Reports the end of a run and serves the bench until the next one."""
        if self._running:
            self._running = False
            self.channel.answer({"ticks_ms": self._now})
        while True:
            word, rest = self.channel.serve()
            self.power.check()
            if word == "rx":
                self._link.feed(binascii.unhexlify(rest))
                self._arrivals.come()
            elif word == "run":
                span_ms = int(rest) if rest.isdigit() else -1
                if 0 <= span_ms <= _LONGEST_RUN_MS:
                    self._left_ms = span_ms
                    self._running = True
                    return
                self.channel.answer({"error": "run takes 0 to 86400000 ms"})


class WallClock:
    """Time is the wall's, `speed` times as fast; a wait ends early when the link or the bench has something.

    Time moves only in a wait, and never past its end: what the host computes in between is no time of the pump's, and
    a machine that can't keep up makes the pump slow, not late.
    """

    def __init__(self, world: "world.World", link: "sim_link.SerialLink", speed: int) -> None:
        self.channel: "bench_channel.Channel"
        self.power: "sim_power.Power"
        self.watchdog: "sim_watchdog.Watchdog"
        self._advance = world.advance
        self._speed = speed
        self._now = START
        self._behind_ms = 0
        self._last = time.ticks_ms()
        self._poll = select.poll()
        self._poll.register(link.file, select.POLLIN)
        self._poll.register(sys.stdin, select.POLLIN)

    def ticks_ms(self) -> int:
        return self._now

    def wait_ms(self, span_ms: int) -> None:
        self._look_at_wall()
        left_ms = max(0, span_ms - self._behind_ms)
        ready = self._poll.poll((left_ms + self._speed - 1) // self._speed)
        self._look_at_wall()
        self._move(min(span_ms, self._behind_ms))
        for stream, _ in ready:
            if stream is sys.stdin:
                word, _ = self.channel.serve()
                self.power.check()
                if word:
                    self.channel.answer({"error": word + " is for host time; here the wall moves it"})

    def stand_still(self, span_ms: int) -> None:
        """The program hangs for so long; the bench waits too, until the watchdog has bitten."""
        time.sleep_ms((span_ms + self._speed - 1) // self._speed)
        self._look_at_wall()
        self._move(min(span_ms, self._behind_ms))

    def pass_ms(self, span_ms: int) -> None:
        """Time that a part takes while the program stands still; the next wait counts it."""
        time.sleep_ms(span_ms // self._speed)

    def _move(self, span_ms: int) -> None:
        span_ms = min(span_ms, self.watchdog.left_ms())
        self._behind_ms = min(self._behind_ms - span_ms, _LONGEST_LAG_MS * self._speed)
        self._now = ticks.add(self._now, span_ms)
        self._advance(span_ms)
        if not self.watchdog.left_ms():
            self.power.bite()

    def _look_at_wall(self) -> None:
        wall = time.ticks_ms()
        self._behind_ms += time.ticks_diff(wall, self._last) * self._speed
        self._last = wall
