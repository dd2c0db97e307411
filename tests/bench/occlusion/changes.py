"""What an operator does to a line without a block: other rates, boluses, pauses, bridges and primes."""

from __future__ import annotations

import random
from collections.abc import Callable

from occlusion import rig

_APART = (200, 1000)  # strokes from the end of one change to the next
_BOLUS_UL_DAY = 12000  # the default of the parameter bolus_rate_ul_day
_LONG = (20, 400)  # strokes at another rate
_BOLUS = (8, 80)  # strokes: 2 to 20 uL
_MOVED = (200, 1200)  # strokes of a bridge or a prime: 50 to 300 uL, the dead volume
_REST_S = (10, 600)
_HOUR_S = 3600


class Operator:
    """Draws one change after another; each ends, and the line's own rate is in force again."""

    def __init__(self, one: rig.Rig, rates: list[int], chance: random.Random) -> None:
        self._one = one
        self._rates = rates  # that the line carries
        self._chance = chance
        self._own_ul_day = one.ul_day
        self._left = chance.randint(*_APART)  # strokes until something is done
        self._end: Callable[[], None] | None = None  # ends the change under way
        self.filled = False  # the last change was a prime, after which the line is learned again
        self.done = dict.fromkeys(("rate", "bolus", "pause", "bridge", "prime"), 0)

    def after_stroke(self) -> bool:
        """Called after each stroke has begun; whether the rate was changed, or delivery stopped and started."""
        self._left -= 1
        if self._left:
            return False
        one = self._one
        one.wait(rig.ticks.add(one.now, self._chance.randrange(one.period_ms - one.quiet_ms, one.period_ms - 1)))
        self.filled = False
        end, self._end = self._end, None
        if end:
            self._left = self._chance.randint(*_APART)
            end()
        else:
            name = self._chance.choice(list(self.done))
            self.done[name] += 1
            getattr(self, "_" + name)()
        return True

    def _rate(self) -> None:
        self._go_at(self._chance.choice(self._rates), _LONG)

    def _bolus(self) -> None:
        self._go_at(min(self._own_ul_day + _BOLUS_UL_DAY, self._rates[-1]), _BOLUS)

    def _go_at(self, ul_day: int, strokes: tuple[int, int]) -> None:
        self._one.set_rate(ul_day)
        self._left = self._chance.randint(*strokes)
        self._end = lambda: self._one.set_rate(self._own_ul_day)

    def _pause(self) -> None:
        self._rest(_HOUR_S)
        self._one.resume()
        self._left = self._chance.randint(*_APART)

    def _bridge(self) -> None:
        self._move(lambda: self._start_again(False))

    def _prime(self) -> None:
        def end() -> None:
            self._one.world.do("connect")
            self._start_again(True)

        self._one.world.do("disconnect")
        self._move(end)

    def _move(self, end: Callable[[], None]) -> None:
        """The pump is stopped and moves a counted volume as fast as the line carries it."""
        self._rest(_REST_S[1])
        self._one.start(self._rates[-1])
        self._left = self._chance.randint(*_MOVED)
        self._end = end

    def _start_again(self, filled: bool) -> None:
        self._rest(_REST_S[1])
        self._one.start(self._own_ul_day, filled)
        self.filled = filled

    def _rest(self, most_s: int) -> None:
        self._one.rest(1000 * self._chance.randint(_REST_S[0], most_s))
