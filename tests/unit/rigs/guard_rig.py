"""The guards with a counter that is set by the test, without delivery: `rig.motion(100)` moves 100 steps."""

from pump import defs, hal
from pump.core import conditions, ticks
from pump.safety import guards

START = ticks.add(0, -100000)  # shortly before the wrap
BIG_NL = 100000000


class Counter:
    def __init__(self):
        self.steps = 0
        self.fails = False

    def count(self):
        if self.fails:
            raise hal.PartError(defs.FAULT_NO_ANSWER)
        return self.steps & 0x3FFFFFFF


class Job:
    due = None

    def at(self, due):
        self.due = due


class _Journal:
    def __init__(self):
        self.rows = []

    def write(self, event, a=0, b=0):
        self.rows.append((event, a, b))

    fault = write


class Rig:
    def __init__(
        self, pl_per_step=2500, steps=100, hour_nl=BIG_NL, day_nl=BIG_NL, keep_open_ul_day=200, first=0, fails=False
    ):
        self.counter = Counter()
        self.counter.steps, self.counter.fails = first, fails
        self.conditions = conditions.Conditions(0)
        self.journal = _Journal()
        self.guards = guards.Guards(self.counter, self.conditions, self.journal)
        self.guards.job = Job()
        self.guards.configure(pl_per_step, steps, hour_nl, day_nl, keep_open_ul_day)
        self.now = START
        self.steps = steps
        self.wait(0)

    def wait(self, span_ms, moves=0):
        self.counter.steps += moves
        self.now = ticks.add(self.now, span_ms)
        self.guards.run(self.now)

    def motion(self, moves, steps=None, idle=0):
        """A motion of 10 ms with this many steps, and the time until it is settled."""
        self.guards.command(self.steps if steps is None else steps, idle, 10, self.now)
        self.wait(10, moves)
        self.wait(210)

    def due_in_ms(self):
        return ticks.diff(self.guards.job.due, self.now)

    def stopped(self):
        return self.conditions.has(defs.BIT_COUNT_WRONG)


class Look:
    """Guards alone with a counter that is set by the test, on the conditions and the journal of a dose_rig."""

    def __init__(self, rig):
        self.guards = guards.Guards(self, rig.conditions, rig.journal)
        self.guards.job = Job()
        self.guards.configure(2500, 100, 1200000, 25000000, 200)
        self.steps = 0
        self.now = 0
        self.guards.run(0)

    def count(self):
        return self.steps & 0x3FFFFFFF

    def motion(self, commanded, steps, idle=0):
        self.guards.command(commanded, idle, 200, self.now)
        self.steps += steps
        self.wait(10000)

    def wait(self, span_ms):
        while span_ms:
            part_ms = min(5000, span_ms)
            self.now = ticks.add(self.now, part_ms)
            self.guards.run(self.now)
            span_ms -= part_ms
