"""The clocks of the simulated pump: two are advanced by the bench, one follows the wall clock."""

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

# 5 s before the ticks wrap, so that each longer test includes the wrap, which on a Pico comes after 12.43 days.
START = ticks.add(0, -5000)
_LONGEST_RUN_MS = 86400000
_FASTEST = 100000  # simulated seconds per second, as `pumpctl sim --speed` takes
_LONGEST_LAG_MS = 1000  # of the wall clock; after a suspend of the computer the rest is dropped


class Arrivals:
    """Decides whether bytes on the link end a wait: only new ones do, or unread bytes would stop time forever."""

    def __init__(self) -> None:
        self._unread = 0  # bytes, at the last wait

    def come(self) -> None:
        """New bytes have come: they end the next wait, even if as many were unread before."""
        self._unread = 0

    def end_wait(self, unread: int) -> bool:
        """Call in each wait, with the number of unread bytes; when there are none, it isn't needed."""
        before = self._unread
        self._unread = unread
        return unread != 0 and unread != before


class Clock:
    """What both clocks share: the ticks, which advance together with the world, and the watchdog's reset in between."""

    def __init__(self, world: "world.World") -> None:
        self.channel: "bench_channel.Channel"
        self.power: "sim_power.Power"
        self.watchdog: "sim_watchdog.Watchdog"
        self._advance = world.advance
        self._now = START
        self._left_ms = 0  # that it may still advance

    def ticks_ms(self) -> int:
        return self._now

    def _move(self, span_ms: int) -> None:
        """Advances time by this span, or up to the watchdog's reset, and then raises Reset."""
        watchdog_ms = self.watchdog.left_ms(self._now)
        if span_ms > watchdog_ms:
            span_ms = watchdog_ms
        self._left_ms -= span_ms
        self._now = ticks.add(self._now, span_ms)
        self._advance(span_ms)
        if span_ms == watchdog_ms:
            self.power.reset_now()


class HostClock(Clock):
    """Time stops until the bench sends `run`; a wait takes no wall time."""

    def __init__(self, world: "world.World", link: "sim_link.BenchLink", wake_ms: int) -> None:
        super().__init__(world)
        self._link = link
        self._wake_ms = wake_ms
        self._running = False
        self._arrivals = Arrivals()

    def wait_ms(self, span_ms: int) -> None:
        if span_ms == 0:
            return
        unread = len(self._link.unread)
        if unread and self._arrivals.end_wait(unread):
            return
        left_ms = self._left_ms
        if left_ms == 0:
            self._next_run()
            return
        if span_ms > left_ms:
            span_ms = left_ms
        if span_ms > self._wake_ms > 0:
            span_ms = self._wake_ms
        self._move(span_ms)

    def stand_still(self, span_ms: int) -> None:
        """A hanging program: up to this much time passes, the bench is served, the link is not read."""
        if self._left_ms == 0:
            self._next_run()
        self.pass_ms(span_ms)

    def pass_ms(self, span_ms: int) -> None:
        """Lets time pass while a part keeps the program waiting, to the end of the run at most."""
        self._move(min(span_ms, self._left_ms))

    def _next_run(self) -> None:
        """Reports the end of a run and serves the bench until the next one."""
        self._report_end()
        while not self._heed(*self.channel.serve()):
            pass

    def _report_end(self) -> None:
        if self._running:
            self._running = False
            self.channel.answer({"ticks_ms": self._now})

    def _heed(self, word: str, rest: str) -> bool:
        """Executes what the bench channel leaves to the clock; returns whether a run begins."""
        self.power.check()
        if word == "rx":
            self._link.feed(binascii.unhexlify(rest))
            self._arrivals.come()
        elif word == "run":
            span_ms = int(rest) if rest.isdigit() else -1
            if 0 <= span_ms <= _LONGEST_RUN_MS:
                self._left_ms = span_ms
                self._running = True
                return True
            self.channel.answer({"error": "run takes 0 to 86400000 ms"})
        return False


class TurnClock(HostClock):
    """A HostClock for a program that must not wait for the bench: `is_over` says that a run has come to its end."""

    is_over = False

    def take(self, line: str) -> bool:
        """Executes a line of the bench; returns whether a run begins."""
        return self._heed(*self.channel.take(line))

    def stand_still(self, span_ms: int) -> None:
        """A hanging program can't be left, so time runs on to the watchdog's reset."""
        self._left_ms = max(self._left_ms, span_ms)
        self.pass_ms(span_ms)

    def _next_run(self) -> None:
        self._report_end()
        self.is_over = True


class WallClock(Clock):
    """Follows the wall clock, `speed` times as fast; a wait ends early when bytes come on the link or from the bench.

    Time advances only in a wait, and never past its end. Computing between two waits takes no simulated time: on a slow
    computer the pump runs more slowly, but strokes are not late.
    """

    def __init__(self, world: "world.World", link: "sim_link.SerialLink", speed: int) -> None:
        super().__init__(world)
        self._speed = speed
        self.actions = {"speed": self._set_speed}
        self._last = time.ticks_ms()
        self._poll = select.poll()
        self._poll.register(link.file, select.POLLIN)
        self._poll.register(sys.stdin, select.POLLIN)

    def wait_ms(self, span_ms: int) -> None:
        self._read_wall()
        sleep_ms = max(0, span_ms - self._left_ms)
        ready = self._poll.poll((sleep_ms + self._speed - 1) // self._speed)
        self._read_wall()
        self._follow(span_ms)
        for stream, _ in ready:
            if stream is sys.stdin:
                word, _ = self.channel.serve()
                self.power.check()
                if word:
                    self.channel.answer({"error": word + " works in host time only; time follows the wall clock here"})

    def _set_speed(self, speed: int) -> None:
        if not 1 <= speed <= _FASTEST:
            raise ValueError("speed takes 1..%d" % _FASTEST)
        self._read_wall()
        self._speed = speed

    def stand_still(self, span_ms: int) -> None:
        """A hanging program: this much time passes, in which the bench is not served."""
        time.sleep_ms((span_ms + self._speed - 1) // self._speed)
        self._read_wall()
        self._follow(span_ms)

    def pass_ms(self, span_ms: int) -> None:
        """Sleeps while a part keeps the program waiting; the next wait counts the time."""
        time.sleep_ms(span_ms // self._speed)

    def _follow(self, span_ms: int) -> None:
        """Advances by up to this span; of what is left then, more than the longest lag is dropped."""
        self._left_ms = min(self._left_ms, span_ms + _LONGEST_LAG_MS * self._speed)
        self._move(min(span_ms, self._left_ms))

    def _read_wall(self) -> None:
        wall = time.ticks_ms()
        self._left_ms += time.ticks_diff(wall, self._last) * self._speed
        self._last = wall
