"""Reminders: each state's note is set after its time and cleared with the state; operator entries delay it."""

from pump import defs
from pump.alarms import reminders
from pump.core import conditions, scheduler, ticks

REQUIREMENTS = ("A5",)
_START = ticks.add(0, -5000)
_PAUSE_S = 1000
_STATES = [getattr(defs, name) for name in dir(defs) if name.startswith("STATE_")]


class _Params:
    def __init__(self):
        self.asked = []

    def get(self, number):
        self.asked.append(number)
        return _PAUSE_S


class _Journal:
    def __init__(self):
        self.rows = []

    def write(self, event, a=0, b=0):
        self.rows.append((event, a, b))


class _Pump:
    def __init__(self):
        self.now = _START
        self.conditions = conditions.Conditions(0)
        self.params = _Params()
        self.journal = _Journal()
        self.reminders = reminders.Reminders(self.conditions, self.params, self.journal)
        self.reminders.job = scheduler.Job(self.reminders.run, 100, False, 0)

    def enter(self, state):
        self.reminders.enter(state, self.now)

    def wait(self, seconds, ms=0):
        end = ticks.add(self.now, seconds * 1000 + ms)
        job = self.reminders.job
        while job.armed and ticks.diff(end, job.due) >= 0:
            job.off()
            job.run(job.due)
        self.now = end


def _seconds(row):
    return row[3] if row[2] < 0 else _PAUSE_S


def test_the_times_match_the_requirements():
    """A5: input awaited 15 min, standby over 1 h, a pause by its parameter."""
    rows = {row[0]: row[1:] for row in defs.REMINDERS}
    assert rows == {
        defs.STATE_REFILLING: (defs.NOTE_INPUT_AWAITED, -1, 900),
        defs.STATE_STANDBY: (defs.NOTE_STANDBY_LONG, -1, 3600),
        defs.STATE_PAUSED: (defs.NOTE_PAUSE_LONG, defs.PARAM_PAUSE_REMINDER_S, 0),
        defs.STATE_STOPPED_ALARM: (defs.NOTE_DELIVERY_STOPPED, defs.PARAM_PAUSE_REMINDER_S, 0),
    }
    after = (defs.STATE_STANDBY, defs.NOTE_DELIVERY_STOPPED, defs.PARAM_PAUSE_REMINDER_S, 0)
    assert (after,) == defs.REMINDERS_AFTER


def test_each_reminder_comes_once_after_its_time_and_ends_with_its_state():
    for row in defs.REMINDERS:
        pump = _Pump()
        pump.enter(row[0])
        pump.wait(_seconds(row), -1)
        assert (pump.conditions.notes, pump.journal.rows) == (0, [])
        pump.wait(0, 1)
        assert (pump.conditions.notes, pump.conditions.word) == (row[1], 0)
        pump.wait(86400)
        assert pump.journal.rows == [(defs.EVENT_REMINDER, row[0], 0)]
        assert pump.params.asked == ([row[2]] if row[2] >= 0 else [])
        pump.enter(defs.STATE_INFUSING)
        assert pump.conditions.notes == 0


def test_once_the_pump_has_delivered_a_standby_is_reminded_of_as_early_as_a_pause():
    for delivered, note, after_s in ((False, defs.NOTE_STANDBY_LONG, 3600), (True, defs.NOTE_DELIVERY_STOPPED, 1000)):
        pump = _Pump()
        pump.reminders.enter(defs.STATE_STANDBY, pump.now, delivered)
        pump.wait(after_s, -1)
        assert pump.conditions.notes == 0
        pump.wait(0, 1)
        assert pump.conditions.notes == note
        pump.enter(defs.STATE_REFILLING)
        assert pump.conditions.notes == 0


def test_delivery_that_a_reset_has_stopped_is_over_when_something_moves_and_not_before():
    for state in _STATES:
        pump = _Pump()
        pump.conditions.note(defs.NOTE_DELIVERY_STOPPED, True)
        pump.enter(state)
        moves = state in (defs.STATE_INFUSING, defs.STATE_KEEP_OPEN, defs.STATE_PRIMING)
        assert pump.conditions.noted(defs.NOTE_DELIVERY_STOPPED) == (not moves), state


def test_a_state_that_is_left_in_time_causes_no_reminder():
    for row in defs.REMINDERS:
        for state in _STATES:
            pump = _Pump()
            pump.enter(row[0])
            pump.wait(_seconds(row), -1)
            pump.enter(state)
            pump.wait(1)
            assert (pump.conditions.notes, pump.journal.rows) == (0, [])


def test_states_without_a_row_have_no_reminder():
    rows = [row[0] for row in defs.REMINDERS]
    for state in _STATES:
        if state not in rows:
            pump = _Pump()
            pump.enter(state)
            pump.wait(400000)
            assert (pump.conditions.notes, pump.journal.rows) == (0, [])


def test_an_entry_restarts_the_wait_for_the_next_one():
    pump = _Pump()
    pump.enter(defs.STATE_REFILLING)
    pump.wait(899)
    pump.reminders.touch(pump.now)
    pump.wait(899)
    assert pump.conditions.notes == 0
    pump.wait(1)
    assert pump.conditions.notes == defs.NOTE_INPUT_AWAITED
    pump.reminders.touch(pump.now)
    assert pump.conditions.notes == 0
    pump.wait(900)
    assert pump.conditions.notes == defs.NOTE_INPUT_AWAITED
    assert len(pump.journal.rows) == 2


def test_an_entry_lengthens_neither_a_pause_nor_the_standby():
    for row in defs.REMINDERS:
        if row[0] in (defs.STATE_PAUSED, defs.STATE_STANDBY):
            pump = _Pump()
            pump.enter(row[0])
            pump.wait(_seconds(row) - 1)
            pump.reminders.touch(pump.now)
            pump.wait(1)
            assert pump.conditions.notes == row[1]


def test_a_stop_by_an_alarm_is_called_to_mind_only_once_the_alarm_is_gone():
    pump = _Pump()
    pump.enter(defs.STATE_STOPPED_ALARM)
    pump.conditions.set(defs.BIT_ALARM_HOLDS)
    pump.wait(10 * _PAUSE_S)
    assert (pump.conditions.notes, pump.journal.rows) == (0, [])
    pump.conditions.clear(defs.BIT_ALARM_HOLDS)
    pump.wait(500)
    pump.reminders.touch(pump.now)  # the acknowledgement
    pump.wait(_PAUSE_S, -1)
    assert pump.conditions.notes == 0
    pump.wait(0, 1)
    assert pump.conditions.notes == defs.NOTE_DELIVERY_STOPPED


def test_other_notes_are_left_alone():
    pump = _Pump()
    pump.conditions.note(defs.NOTE_RESERVOIR_LOW, True)
    pump.enter(defs.STATE_PAUSED)
    pump.wait(_PAUSE_S)
    pump.enter(defs.STATE_STANDBY)
    assert pump.conditions.notes == defs.NOTE_RESERVOIR_LOW
