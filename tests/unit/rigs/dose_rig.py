"""Delivery and guards with a fake drive and counter, and the scheduler, without the rest of the pump.

    rig = dose_rig.Rig()
    rig.plan(1000)                  starts at 1000 uL/day, as the app would
    rig.run(3600000)                an hour passes; a bit that cuts a stroke ends the motion at once
"""

import expected_strokes
import part_fakes
import sensor_fakes
from pump import defs
from pump.core import conditions, scheduler, ticks
from pump.dose import delivery, stroke_account
from pump.safety import guards

strokes_due = expected_strokes.strokes_due
MINUTE = 60000
HOUR = 3600000
DAY = 86400000


class Drive(part_fakes.Drive):
    """A drive with reverse. Fault: `more` steps than requested in each motion."""

    def __init__(self, clock):
        part_fakes.Drive.__init__(self, clock)
        self.more = 0
        self.motions = None  # a list here collects the steps of each start

    def start(self, steps, interval_us):
        if self.motions is not None:
            self.motions.append(steps)
        part_fakes.Drive.start(self, abs(steps) + self.more, interval_us)

    def steps_done(self):
        done = part_fakes.Drive.steps_done(self)
        if self._moving and done == self._steps:
            self._held = done
            self._moving = False
        return done


class Links:
    """A clock that no bytes wake."""

    def wakes(self):
        return False


class Reservoir:
    """A reservoir that adds up the volume of strokes."""

    def __init__(self):
        self.taken_pl = 0

    def take(self, volume_pl):
        self.taken_pl = self.taken_pl + volume_pl & 0xFFFFFFF


class Plan:
    """A plan that adds up the volume it is given."""

    def __init__(self):
        self.took_pl = 0

    def took(self, volume_pl):
        self.took_pl = self.took_pl + volume_pl & 0xFFFFFFF


class Monitor:
    """A stand-in for the pressure monitor: records the calls."""

    def __init__(self):
        self.due = 0
        self.quiet_ms = -1
        self.rests = 0
        self.relearns = 0
        self.expects = 0

    def report_no_flow(self):
        raise AssertionError("the fluid of a healthy line arrives")

    def set_interval(self, quiet_ms):
        self.quiet_ms = quiet_ms

    def adjust_interval(self, quiet_ms):
        self.quiet_ms = quiet_ms

    def relearn(self, new_stroke):
        self.relearns += 1

    def expect(self, due, period_ms, ul_day):
        self.due = due
        self.expects += 1

    def rest(self, now):
        self.rests += 1


class Journal:
    """Rows of [event, a, b]; `open` are intents without done."""

    def __init__(self):
        self.rows = []
        self.open = 0
        self.intents = 0
        self.keeps = True

    def write(self, event, a=0, b=0):
        if self.keeps:
            self.rows.append([event, a, b])

    fault = write

    def intent(self, volume_pl):
        self.intents += 1
        self.open += 1
        return True

    def done(self):
        self.open -= 1

    def of(self, event):
        return [row[1:] for row in self.rows if row[0] == event]


class Trim:
    """A stand-in for the trim; `told` are the announced strokes."""

    def __init__(self):
        self.changed = False
        self.trim_ppm = 0
        self.told = []
        self.rests = self.new_strokes = 0

    def expect(self, due, period_ms, ul_day):
        self.told.append((due, period_ms, ul_day))

    def rest(self, now):
        self.rests += 1

    def set_interval(self, quiet_ms):
        pass

    def adjust_interval(self, quiet_ms):
        pass

    def relearn(self, new_stroke):
        self.new_strokes += new_stroke


class Rig:
    """`state` replaces the supervisor: plan, keep_open, prime or rest; it follows the condition bits as in the pump.

    `trim` is called with this rig and returns its trim; without it the stand-in Trim above is used.
    """

    def __init__(
        self, steps=100, pl_per_step=2500, interval_us=2000, backlash_steps=4, start=part_fakes.START, trim=None
    ):
        self.clock = part_fakes.Clock(Links(), start)
        self.drive = Drive(self.clock)
        self.counter = sensor_fakes.StepCounter(self.drive)
        self.conditions = conditions.Conditions(0)
        self.journal = Journal()
        self.reservoir = Reservoir()
        self.monitor = Monitor()
        self.guards = guards.Guards(self.counter, self.conditions, self.journal)
        self.account = stroke_account.StrokeAccount(self.reservoir, Plan())
        self.trim = Trim() if trim is None else trim(self)
        self.delivery = delivery.Delivery(
            self.drive, self.conditions, self.journal, self.guards, self.account, self.trim, (self.monitor, self.trim)
        )
        before, after = scheduler.Job(self._evaluate, always=True), scheduler.Job(self._evaluate, always=True)
        jobs = (self.guards.job, before, self.delivery.job, after)
        if trim is not None:
            jobs += (self.trim.job,)
        self.scheduler = scheduler.Scheduler(self.clock, self.conditions, jobs)
        self.keep_open_ul_day = 200
        self.state = defs.MOTION_NONE
        self.delivery.set_stroke(steps, pl_per_step, interval_us, backlash_steps)
        self.limits(pl_per_step, steps)
        self.stroke_pl = steps * pl_per_step

    def limits(self, pl_per_step=2500, steps=100, hour_nl=1200000, day_nl=25000000):
        self.guards.configure(pl_per_step, steps, hour_nl, day_nl, self.keep_open_ul_day)

    def plan(self, ul_day):
        self.delivery.set_rate(ul_day, self.clock.now)
        self.delivery.start(self.clock.now)
        self.state = defs.MOTION_PLAN
        self.tell()

    def rest(self):
        self.delivery.hold(self.clock.now)
        self.state = defs.MOTION_NONE
        self.tell()

    def prime(self, strokes, ul_day, dose):
        self.delivery.prime(strokes, ul_day, self.clock.now, dose)
        self.state = defs.MOTION_PRIME
        self.tell()

    def tell(self):
        self.guards.rate(self.delivery.flow_ul_day, self.clock.now)

    def step(self):
        return self.scheduler.step()

    def run(self, span_ms):
        while span_ms > DAY:
            self.run(DAY)
            span_ms -= DAY
        end = ticks.add(self.clock.now, span_ms)
        sleepless = 0
        while True:
            wait_ms = self.step()
            left_ms = ticks.diff(end, self.clock.now)
            if left_ms <= 0 and wait_ms > 0:
                return
            sleepless = sleepless + 1 if wait_ms == 0 else 0
            assert sleepless < 100, "the loop never waits"
            self.clock.wait_ms(min(wait_ms, max(0, left_ms)))

    def has(self, bits):
        return self.conditions.has(bits)

    def moved_steps(self):
        return self.drive.total + self.drive.steps_done()

    def _evaluate(self, now):
        conditions = self.conditions
        limited = conditions.has(defs.BIT_DOSE_LIMITED)
        if self.state == defs.MOTION_NONE:
            return
        if conditions.has(defs.CUTS):
            self.delivery.cut(now)
            self.state = defs.MOTION_NONE
        elif conditions.has(defs.BIT_PRIME_DONE) or (limited and self.state == defs.MOTION_PRIME):
            self.delivery.hold(now)
            self.state = defs.MOTION_NONE
        elif limited and self.state == defs.MOTION_PLAN:
            self.delivery.keep_open(self.guards.keep_open_ul_day, now)
            self.state = defs.MOTION_KEEP_OPEN
        elif self.state == defs.MOTION_KEEP_OPEN and not limited:
            self.delivery.resume(now)
            self.state = defs.MOTION_PLAN
        self.guards.rate(self.delivery.flow_ul_day, now)
