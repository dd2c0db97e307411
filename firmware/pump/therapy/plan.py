"""The therapy plan: which fluid, at which rate, for how long, and what follows.

The line of an implanted pump must never clot, so nothing here ends the flow: when a phase has run its time the next
fluid is due and the present one continues until the refill; a plan whose last phase is over leaves the keep-open rate.

The time of a phase passes only while the plan is delivered, or its line is kept open: in standby, in a pause, at a stop
and during a refill it is held, so that a phase gives what it was set to give. Time without power is not counted.
"""

from micropython import const

from pump import defs
from pump.core import scheduler, ticks, volume
from pump.therapy import plan_validation

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pump.core import conditions, uptime

_SECONDS_PER_HOUR = const(3600)
_CHECK_S = const(60)  # the longest wait of the job
_FLUID = const(0)
_RATE = const(1)
_LENGTH = const(3)
_PROFILES = const(4)  # with none; for packing, with the next two
_MOST_CYCLES = const(100)
_MOST_ROWS = const(8)
_NOT_BEGUN = const(-0x20000000)
_RUNS = const(-1)
_LONGEST_S = const(0x1FFFFFFF)


class TherapyPlan:
    """`rows` are the phases as they were set, [fluid, uL/day, begin h, length h]; those from `repeat_from` on run
    `cycles` times, which makes `phases` in all. `profile` is -1 without a plan.

    `next_phase(now)` is called when the plan has advanced by itself to a phase with the same fluid.
    """

    def __init__(
        self, conditions: "conditions.Conditions", uptime: "uptime.Uptime", next_phase: "Callable[[int], None]"
    ) -> None:
        self._conditions = conditions
        self._uptime = uptime
        self._next_phase = next_phase
        self._began_s = _NOT_BEGUN  # uptime at the begin of the phase
        self._began_ms = 0
        self._held_s = _RUNS  # uptime at which the time of the phase was held
        self._held_ms = 0
        self._left = volume.Volume()  # of a plan that ends by volume
        self.job = scheduler.Job(self.run)
        self.profile = -1
        self.rows: "list[list[int]]" = []
        self.cycles = 1
        self.repeat_from = 0
        self.volume_nl = 0
        self.phase = 0
        self.phases = 0

    def check(
        self, fields: "dict[str, Any]", capacity_nl: int, empty_nl: int
    ) -> "tuple[int, list[tuple[str, object]]] | None":
        """None for a plan that can be set, else the refusal and what is at fault."""
        return plan_validation.check(fields, capacity_nl - empty_nl)

    def set(self, fields: "dict[str, Any]") -> None:
        """A new plan that has not begun, from the checked fields of therapy_set."""
        self.profile = fields["profile"]
        self.rows = [list(row) for row in fields["rows"]]
        self.cycles = fields["cycles"]
        self.repeat_from = fields["repeat_from"]
        self.volume_nl = fields["volume_nl"]
        self._count_phases()
        self.phase = 0
        self._began_s = _NOT_BEGUN
        self._held_s = _RUNS
        self._left.set_nl(self.volume_nl)
        self._conditions.clear(defs.BIT_PLAN_MISSING | defs.BIT_PLAN_DONE)
        self._conditions.note(defs.NOTE_PHASE_OVER, False)

    def _count_phases(self) -> None:
        self.phases = self.repeat_from + self.cycles * (len(self.rows) - self.repeat_from)

    # ---- over a reset

    def save_to(self, numbers: "list[int]", at: int) -> int:
        """Puts its numbers from this place on, and returns the place after them; a row of the plan is one number."""
        place = self.cycles - 1 + _MOST_CYCLES * (self.repeat_from + _MOST_ROWS * self.phase)
        numbers[at] = self.profile + 1 + _PROFILES * place
        numbers[at + 1] = self.volume_nl
        begun = self._began_s != _NOT_BEGUN
        numbers[at + 2] = min(self._spent_s(), _LONGEST_S) if begun else -1
        numbers[at + 3] = self._left.ul
        numbers[at + 4] = self._left.pl
        count = len(self.rows)
        place = 0
        while place < _MOST_ROWS:
            packed = 0
            if place < count:
                row = self.rows[place]
                packed = (row[_FLUID] << 15 | row[_RATE]) << 12 | row[_LENGTH]
            numbers[at + 5 + place] = packed
            place += 1
        return at + 5 + _MOST_ROWS

    def load_from(self, numbers: "list[int]", at: int) -> int:
        """Takes what `save_to` has put; time without power is not counted. ValueError, and no change, for no plan."""
        place, volume_nl, since_s, left_ul, left_pl = numbers[at : at + 5]
        profile = place % _PROFILES - 1
        place //= _PROFILES
        cycles = place % _MOST_CYCLES + 1
        place //= _MOST_CYCLES
        repeat_from = place % _MOST_ROWS
        rows = _unpack(numbers[at + 5 : at + 5 + _MOST_ROWS])
        if profile >= 0 and (not rows or repeat_from >= len(rows) or not plan_validation.are_rows(rows, cycles)):
            raise ValueError("no plan")
        self.profile, self.cycles, self.repeat_from, self.volume_nl = profile, cycles, repeat_from, volume_nl
        self.phase = place // _MOST_ROWS
        self.rows = rows
        self._count_phases()
        self._left.ul, self._left.pl = left_ul, left_pl
        self._conditions.put(defs.BIT_PLAN_MISSING, profile < 0)
        if since_s >= 0:
            self._began_s = self._uptime.s - since_s
            self._began_ms = self._uptime.ms
            self.hold()
            self.job.at(self._uptime.now)
        return at + 5 + _MOST_ROWS

    # ---- progress

    def begin(self) -> bool:
        """The phase begins, or its time goes on; whether this call began it."""
        first = self._began_s == _NOT_BEGUN
        if first:
            self._began_s = self._uptime.s
            self._began_ms = self._uptime.ms
        elif self._held_s != _RUNS:
            ms = self._began_ms + self._uptime.ms - self._held_ms
            self._began_s += self._uptime.s - self._held_s + ms // 1000
            self._began_ms = ms % 1000
        self._held_s = _RUNS
        self.job.at(self._uptime.now)
        return first

    def hold(self) -> None:
        """Nothing is delivered: the time of the phase stands still until `begin`."""
        if self._held_s == _RUNS:
            self._held_s = self._uptime.s
            self._held_ms = self._uptime.ms

    def begun(self) -> bool:
        """Whether the phase has begun."""
        return self._began_s != _NOT_BEGUN

    def _spent_s(self) -> int:
        """Whole seconds of the phase so far."""
        s, ms = self._uptime.s, self._uptime.ms
        if self._held_s != _RUNS:
            s, ms = self._held_s, self._held_ms
        return s - self._began_s - (1 if ms < self._began_ms else 0)

    def _spent_ms(self) -> int:
        """And the milliseconds beside them."""
        ms = self._uptime.ms if self._held_s == _RUNS else self._held_ms
        return (ms - self._began_ms) % 1000

    def advance(self) -> None:
        """The next phase, which begins with the next start."""
        self.phase += 1
        self._began_s = _NOT_BEGUN
        self._held_s = _RUNS
        self._conditions.note(defs.NOTE_PHASE_OVER, False)

    def fluid(self) -> int:
        """Fluid of the phase that runs; FLUID_NONE without a plan."""
        return self._row(self.phase)[_FLUID] if self.profile >= 0 else defs.FLUID_NONE

    def next_fluid(self) -> int:
        """Fluid of the phase that comes; FLUID_NONE for none."""
        return self._row(self.phase + 1)[_FLUID] if self.phase + 1 < self.phases else defs.FLUID_NONE

    def rate_ul_day(self) -> int:
        """Rate of the phase that runs, as it was set; 0 without a plan."""
        return self._row(self.phase)[_RATE] if self.profile >= 0 else 0

    def next_rate_ul_day(self) -> int:
        """Rate of the phase that comes; 0 for none."""
        return self._row(self.phase + 1)[_RATE] if self.phase + 1 < self.phases else 0

    def fastest_ul_day(self) -> int:
        """The fastest rate of all phases; 0 without a plan."""
        fastest = 0
        if self.profile >= 0:
            for row in self.rows:
                fastest = max(fastest, row[_RATE])
        return fastest

    def left_s(self) -> int:
        """Seconds left in this phase, rounded up; 0 when it is over, -1 while it has no end or has not begun."""
        if self.profile < 0 or self._began_s == _NOT_BEGUN:
            return -1
        length_s = self._row(self.phase)[_LENGTH] * _SECONDS_PER_HOUR
        if length_s == 0:
            return -1
        return max(0, length_s - self._spent_s())

    def rate_holds_s(self) -> int:
        """Seconds of delivery after which the next phase brings its own rate, -1 for never."""
        if self.profile < 0 or self.phase + 1 >= self.phases:
            return -1
        return self.left_s() if self.begun() else self._row(self.phase)[_LENGTH] * _SECONDS_PER_HOUR

    def volume_left_nl(self) -> int:
        """Volume left of a plan that ends by volume, -1 for others."""
        return self._left.nl() if self.volume_nl else -1

    def took(self, volume_pl: int) -> None:
        """A stroke was delivered; a plan that ends by volume is done when the next one would exceed it.

        A bridge before the start brings the fluid to the catheter; it takes nothing of the plan's volume.
        """
        if self.volume_nl == 0 or not self.begun():
            return
        left = self._left
        left.add(-volume_pl)
        if left.ul < 0:  # the line is kept open after the end
            left.clear()
        self.end_below(volume_pl)

    def end_below(self, stroke_pl: int) -> None:
        """The plan is done if less than a stroke is left of its volume."""
        if self.volume_nl and self._left.ul == 0 and self._left.pl < stroke_pl:
            self._conditions.set(defs.BIT_PLAN_DONE)

    def run(self, now: int) -> None:
        """The job: ends the phase, on the millisecond."""
        left_s = self.left_s()
        if left_s < 0 or left_s > 0 and self._held_s != _RUNS:
            return
        if left_s > 1:
            self.job.at(ticks.add(now, min(left_s - 1, _CHECK_S) * 1000))
            return
        left_ms = self._left_ms()
        if left_ms > 0:
            self.job.at(ticks.add(now, left_ms))
        else:
            self._end_phase(now)

    def _left_ms(self) -> int:
        """As left_s in milliseconds; only near the end, as a phase of two weeks has more than 2^30 of them."""
        length_s = self._row(self.phase)[_LENGTH] * _SECONDS_PER_HOUR
        return (length_s - self._spent_s()) * 1000 - self._spent_ms()

    def _end_phase(self, now: int) -> None:
        if self.next_fluid() == self.fluid():
            if self._conditions.has(defs.BIT_STOPPED):  # the next phase begins with the operator's start
                return
            self.advance()
            self._next_phase(now)
        elif self.next_fluid() == defs.FLUID_NONE:
            self._conditions.set(defs.BIT_PLAN_DONE)
        else:
            self._conditions.note(defs.NOTE_PHASE_OVER, True)

    def _row(self, phase: int) -> "list[int]":
        first = self.repeat_from
        if phase >= len(self.rows):
            phase = first + (phase - first) % (len(self.rows) - first)
        return self.rows[phase]


def _unpack(packed_rows: "list[int]") -> "list[list[int]]":
    """The rows of a plan as they were set, from a number each."""
    rows = []
    begin_h = 0
    for packed in packed_rows:
        if packed:
            rows.append([packed >> 27, packed >> 12 & 0x7FFF, begin_h, packed & 0xFFF])
            begin_h += packed & 0xFFF
    return rows
