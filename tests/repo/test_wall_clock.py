"""The simulated board's wall clock, with time set by the test: long waits count fully, and time never runs ahead."""

from types import SimpleNamespace
from typing import Any

import pytest
import sim_clock
import sim_power
import sim_watchdog
from pump import defs
from pump.core import ticks


class Wall:
    """Stands in for `time` and `select`; a poll sleeps its whole span unless `ends_after_ms` is shorter."""

    POLLIN = 1

    def __init__(self) -> None:
        self.now_ms = 1000
        self.ends_after_ms: int | None = None

    def ticks_ms(self) -> int:
        return self.now_ms

    def ticks_diff(self, later: int, earlier: int) -> int:
        return later - earlier

    def sleep_ms(self, span_ms: int) -> None:
        self.now_ms += span_ms

    def register(self, stream: Any, flags: int) -> None:
        """The streams are not used here."""

    def poll(self, span_ms: int | None = None) -> Any:
        if span_ms is None:
            return self
        self.now_ms += span_ms if self.ends_after_ms is None else min(span_ms, self.ends_after_ms)
        return []


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()
    monkeypatch.setattr(sim_clock, "time", wall)
    monkeypatch.setattr(sim_clock, "select", wall)
    return wall


def clock_at(speed: int) -> tuple[Any, list[int]]:
    """A clock, and the spans by which it has advanced the world."""
    advanced: list[int] = []
    world, link = SimpleNamespace(advance=advanced.append), SimpleNamespace(file=None)
    clock = sim_clock.WallClock(world, link, speed)
    clock.watchdog = sim_watchdog.Watchdog(clock.ticks_ms)
    clock.power = sim_power.Power(SimpleNamespace(uncut=None))
    return clock, advanced


def test_a_wait_of_seconds_counts_whole(wall: Wall) -> None:
    clock, advanced = clock_at(1)
    before = clock.ticks_ms()
    clock.wait_ms(5000)
    assert ticks.diff(clock.ticks_ms(), before) == 5000  # across the wrap
    assert advanced == [5000]
    assert wall.now_ms == 6000


def test_speed_shortens_the_sleep_and_not_the_time(wall: Wall) -> None:
    clock, advanced = clock_at(60)
    clock.wait_ms(5000)
    assert advanced == [5000]
    assert wall.now_ms == 1000 + 84  # 5000 / 60, rounded up


def test_a_wait_that_ends_early_counts_what_passed(wall: Wall) -> None:
    clock, advanced = clock_at(1)
    wall.ends_after_ms = 70
    clock.wait_ms(5000)
    assert advanced == [70]


def test_time_does_not_move_between_waits(wall: Wall) -> None:
    clock, advanced = clock_at(1)
    before = clock.ticks_ms()
    wall.now_ms += 400
    assert clock.ticks_ms() == before
    clock.wait_ms(100)
    clock.wait_ms(100)
    clock.wait_ms(100)
    assert advanced == [100, 100, 100]
    assert wall.now_ms == 1400  # computing time is made up without a sleep


def test_a_machine_that_slept_does_not_make_up_for_it(wall: Wall) -> None:
    clock, advanced = clock_at(1)
    wall.now_ms += 3_600_000
    clock.wait_ms(100)
    slept_ms = wall.now_ms
    for _ in range(20):
        clock.wait_ms(100)
    assert sum(advanced) == 2100
    assert wall.now_ms - slept_ms == 1000  # one second is made up, the rest is lost


def test_the_watchdog_resets_a_program_that_hangs_eight_seconds_after_its_last_feed(wall: Wall) -> None:
    clock, advanced = clock_at(10)
    clock.watchdog.feed()
    for _ in range(799):
        clock.stand_still(10)
    with pytest.raises(sim_power.Reset):
        clock.stand_still(10)
    assert sum(advanced) == 8000
    assert clock.power.cause == defs.RESET_WATCHDOG
    assert wall.now_ms == 1000 + 800


def test_a_watchdog_that_was_never_fed_resets_nothing(wall: Wall) -> None:
    clock, advanced = clock_at(1)
    clock.wait_ms(60_000)
    assert advanced == [60_000]
