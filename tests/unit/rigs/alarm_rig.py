"""Alarms over time with fake light and sound, and the parts that they need."""

from pump import defs
from pump.alarms import alarms
from pump.core import conditions, ticks, uptime

OCCLUSION = defs.ALARM_OCCLUSION
LOW = defs.ALARM_RESERVOIR_LOW
START = ticks.add(0, -5000)  # five seconds before the wrap
PA = 13000
# Raised by repetitions of other alarms; tests of single alarms leave them out.
ROWS = [row for row in defs.ALARMS if row[0] != defs.ALARM_ALARM_REPEATS]


class _Annunciator:
    def __init__(self):
        self.red = self.yellow = self.tone = None
        self.shows = self.sounds = self.plays = 0
        self.pattern_ms = -1

    def show(self, red_ms, yellow_ms):
        self.red, self.yellow = red_ms, yellow_ms
        self.shows += 1

    def sound(self, spans_ms):
        self.tone = spans_ms
        self.sounds += 1

    def run(self, now):
        self.plays += 1
        return self.pattern_ms


class _Journal:
    def __init__(self):
        self.rows = []

    def write(self, event, a=0, b=0):
        if self.rows is not None:
            self.rows.append((event, a, b))

    def fault(self, event, a=0, b=0):
        self.write(event, a, b)

    def logged(self, event):
        return [row[1:] for row in self.rows if row[0] == event]


class Pump:
    """Alarms over time, with the parts that they need; `set` changes a condition and updates the alarms."""

    def __init__(self):
        self.annunciator = _Annunciator()
        self.conditions = conditions.Conditions(0)
        self.journal = _Journal()
        self.acknowledged = []
        self.pressure_pa = 0
        self.uptime = uptime.Uptime(START)
        self.alarms = alarms.Alarms(
            self.annunciator, self.conditions, self.journal, self.uptime,
            self.acknowledged.append, lambda: self.pressure_pa
        )

    def set(self, bit=0, note=0, on=True):
        self.conditions.put(bit, on)
        self.conditions.note(note, on)
        self.alarms.update()
        self.alarms.update()  # as the controller does, until nothing changes

    def wait(self, ms):
        """Lets time pass and runs the jobs that are due."""
        end = ticks.add(self.uptime.now, ms)
        while True:
            due = [job for job in (self.alarms.job, self.alarms.player, self.alarms.unsteady) if job.armed]
            due = [job for job in due if ticks.diff(end, job.due) >= 0]
            if not due:
                break
            first = due[0]
            for job in due:
                if ticks.diff(first.due, job.due) > 0:
                    first = job
            self.uptime.update(first.due)
            first.off()
            first.run(self.uptime.now)
        self.uptime.update(end)

    def flap(self, times, ms=1000, note=0, bit=0):
        """Sets and clears the condition this many times."""
        for _ in range(times):
            self.set(bit, note)
            self.wait(ms)
            self.set(bit, note, False)

    def rows(self):
        """{number: (active, acknowledged)}"""
        return {row[0]: (row[1], row[2]) for row in self.alarms.rows()}

    def shows(self, light, sound):
        """Whether light and sound have the patterns of these priorities."""
        red, yellow, _ = defs.PATTERNS[light]
        lamps = (self.annunciator.red, self.annunciator.yellow) == (red, yellow)
        return lamps and self.annunciator.tone == defs.PATTERNS[sound][2]
