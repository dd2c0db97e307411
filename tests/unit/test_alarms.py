"""Alarms: raise, clear, latch, acknowledge, silence, repetition, priority, and when light and sound are called."""

import gc

from pump import alarms, conditions, defs, scheduler, ticks, uptime

REQUIREMENTS = ("D4", "D5", "V3", "O1", "O2", "A1", "A2", "A3", "A4", "A6", "S7")
_OCCLUSION = defs.ALARM_OCCLUSION
_LOW = defs.ALARM_RESERVOIR_LOW
_DARK = defs.PATTERNS[defs.PRIORITY_NONE]
_START = ticks.add(0, -5000)  # five seconds before the wrap
_PA = 13000
# A test that follows one alarm at a time leaves these out: they come with another's repetition.
_ROWS = [row for row in defs.ALARMS if row[0] != defs.ALARM_ALARM_REPEATS]


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

    def logged(self, event):
        return [row[1:] for row in self.rows if row[0] == event]


class _Line:
    pressure_pa = None

    def __init__(self):
        self.acknowledged = []

    def acknowledge(self, number):
        self.acknowledged.append(number)


class _Pump:
    """Alarms in time, with what they stand on; `set` changes a fact and lets the alarms take it in."""

    def __init__(self):
        self.annunciator = _Annunciator()
        self.facts = conditions.Conditions(0)
        self.journal = _Journal()
        self.line = _Line()
        self.uptime = uptime.Uptime(_START)
        self.alarms = alarms.Alarms(self.annunciator, self.facts, self.journal, self.line, self.uptime)
        self.alarms.job = scheduler.Job(self.alarms.run, 100, False, 0)
        self.alarms.player = scheduler.Job(self.alarms.play, 100, False, 0)

    def set(self, bit=0, note=0, on=True):
        self.facts.put(bit, on)
        self.facts.note(note, on)
        self.alarms.update()
        self.alarms.update()  # as the judge does, until nothing changes

    def wait(self, ms):
        """Lets time pass; the jobs run when they are due."""
        end = ticks.add(self.uptime.now, ms)
        while True:
            due = [job for job in (self.alarms.job, self.alarms.player) if job.armed]
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
        """The fact comes and goes so often, and is gone at the end."""
        for _ in range(times):
            self.set(bit, note)
            self.wait(ms)
            self.set(bit, note, False)

    def rows(self):
        """{number: (stands, acknowledged)}"""
        return {row[0]: (row[1], row[2]) for row in self.alarms.rows()}

    def shows(self, light, sound):
        """Whether the patterns are those of two priorities."""
        red, yellow, _ = defs.PATTERNS[light]
        lamps = (self.annunciator.red, self.annunciator.yellow) == (red, yellow)
        return lamps and self.annunciator.tone == defs.PATTERNS[sound][2]


def test_every_alarm_is_raised_by_its_bit_or_note_and_shown_with_its_priority():
    for number, bit, note, priority, _, stops in defs.ALARMS:
        pump = _Pump()
        pump.set(bit, note)
        assert pump.rows() == {number: (1, 0)}
        assert (pump.alarms.top, pump.alarms.priority) == (number, priority)
        assert pump.shows(priority, priority)
        assert pump.facts.has(defs.BIT_ALARM_HOLDS) == stops
        assert pump.journal.rows == [(defs.EVENT_ALARM_RAISED, number, 0)]


def test_the_priorities_that_are_asked_for():
    """The table against the safety requirements: D4, D5, V2-V4, O1-O3, S5-S7, D11."""
    high = (
        defs.ALARM_OVER_INFUSION, defs.ALARM_RESERVOIR_EMPTY, defs.ALARM_OCCLUSION, defs.ALARM_PRESSURE_LIMIT,
        defs.ALARM_COUNT_MISMATCH, defs.ALARM_DRIVE_FAULT, defs.ALARM_PART_FAILED, defs.ALARM_SUPPLY_OUT,
        defs.ALARM_REFILL_MISMATCH,
    )  # fmt: skip
    medium = (
        defs.ALARM_UNDER_INFUSION, defs.ALARM_UPSTREAM_OCCLUSION, defs.ALARM_RESERVOIR_DISAGREEMENT,
        defs.ALARM_SUPPLY_LOW, defs.ALARM_TEMPERATURE,
    )  # fmt: skip
    low = (defs.ALARM_RESERVOIR_LOW, defs.ALARM_REFILL_WARNING)
    priorities = {row[0]: row[3] for row in defs.ALARMS}
    for numbers, priority in ((high, defs.PRIORITY_HIGH), (medium, defs.PRIORITY_MEDIUM), (low, defs.PRIORITY_LOW)):
        for number in numbers:
            assert priorities[number] == priority, number


def test_every_alarm_clears_or_is_latched_as_its_row_says():
    for number, bit, note, priority, latched, stops in defs.ALARMS:
        pump = _Pump()
        pump.set(bit, note)
        pump.set(bit, note, False)
        assert pump.rows() == ({number: (0, 0)} if latched else {})
        assert pump.shows(priority if latched else 0, priority if latched else 0)
        assert pump.facts.has(defs.BIT_ALARM_HOLDS) == (latched and stops)
        assert pump.journal.logged(defs.EVENT_ALARM_CLEARED) == [(number, 0)]
        assert pump.alarms.acknowledge(number) == (1 if latched else 0)
        assert pump.rows() == {}
        assert not pump.facts.has(defs.BIT_ALARM_HOLDS)
        assert pump.shows(0, 0)
        assert (pump.alarms.top, pump.alarms.priority) == (0, 0)


def test_acknowledged_while_it_stands_it_goes_with_its_cause():
    pump = _Pump()
    pump.set(defs.BIT_OCCLUDED)
    assert not pump.alarms.acknowledged(_OCCLUSION)
    assert pump.alarms.acknowledge(_OCCLUSION) == 1
    assert pump.alarms.acknowledged(_OCCLUSION)
    assert pump.line.acknowledged == [_OCCLUSION]  # what was counted there begins anew
    assert not pump.alarms.acknowledged(_LOW) and not pump.alarms.acknowledged(199)
    assert pump.rows() == {_OCCLUSION: (1, 1)}
    assert pump.facts.has(defs.BIT_ALARM_HOLDS)
    pump.set(defs.BIT_OCCLUDED, on=False)
    assert pump.rows() == {}
    assert not pump.alarms.acknowledged(_OCCLUSION)
    assert not pump.facts.has(defs.BIT_ALARM_HOLDS)


def test_acknowledged_cleared_and_back_again_it_wants_a_new_acknowledgement():
    pump = _Pump()
    pump.set(defs.BIT_OCCLUDED)
    pump.alarms.acknowledge(0)
    pump.set(defs.BIT_OCCLUDED, on=False)
    pump.set(defs.BIT_OCCLUDED)
    assert pump.rows() == {_OCCLUSION: (1, 0)}
    pump.set(defs.BIT_OCCLUDED, on=False)
    assert pump.rows() == {_OCCLUSION: (0, 0)}


def test_back_again_while_latched_it_is_raised_anew():
    pump = _Pump()
    pump.set(defs.BIT_OCCLUDED)
    pump.wait(60000)
    pump.set(defs.BIT_OCCLUDED, on=False)
    pump.set(defs.BIT_OCCLUDED)
    assert pump.alarms.rows() == [[_OCCLUSION, 1, 0, 60]]
    assert len(pump.journal.logged(defs.EVENT_ALARM_RAISED)) == 2


def test_an_acknowledgement_touches_its_alarm_alone_and_once():
    pump = _Pump()
    pump.set(note=defs.NOTE_PRESSURE_BLIND | defs.NOTE_LEVEL_BLIND)
    assert pump.alarms.acknowledge(defs.ALARM_LEVEL_SENSOR) == 1
    assert pump.rows() == {defs.ALARM_PRESSURE_SENSOR: (1, 0), defs.ALARM_LEVEL_SENSOR: (1, 1)}
    for number in (defs.ALARM_LEVEL_SENSOR, _OCCLUSION, 199):
        assert pump.alarms.acknowledge(number) == 0
    assert pump.journal.logged(defs.EVENT_ALARM_ACKNOWLEDGED) == [(defs.ALARM_LEVEL_SENSOR, 0)]
    assert pump.alarms.acknowledge(0) == 1


def test_the_highest_shows_first_and_within_a_priority_the_first_of_the_table():
    pump = _Pump()
    pump.set(note=defs.NOTE_RESERVOIR_LOW)
    pump.set(note=defs.NOTE_LEVEL_BLIND)
    pump.set(defs.BIT_RESERVOIR_EMPTY)
    pump.set(note=defs.NOTE_PRESSURE_BLIND)
    pump.set(defs.BIT_OCCLUDED)
    assert [row[0] for row in pump.alarms.rows()] == [
        _OCCLUSION, defs.ALARM_RESERVOIR_EMPTY, defs.ALARM_PRESSURE_SENSOR, defs.ALARM_LEVEL_SENSOR, _LOW,
    ]  # fmt: skip
    assert pump.alarms.top == _OCCLUSION


def test_light_and_sound_step_down_as_alarms_go():
    pump = _Pump()
    pump.set(defs.BIT_OCCLUDED, defs.NOTE_RESERVOIR_LOW)
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_HIGH)
    pump.alarms.acknowledge(_OCCLUSION)
    pump.set(defs.BIT_OCCLUDED, on=False)
    assert pump.shows(defs.PRIORITY_LOW, defs.PRIORITY_LOW)
    pump.set(note=defs.NOTE_RESERVOIR_LOW, on=False)
    assert pump.shows(0, 0)


def test_light_and_sound_are_called_on_a_change_and_only_then():
    pump = _Pump()
    pump.alarms.update()
    assert (pump.annunciator.shows, pump.annunciator.sounds) == (0, 0)
    pump.set(note=defs.NOTE_LEVEL_BLIND)
    pump.set(note=defs.NOTE_PRESSURE_BLIND)  # the same priority
    pump.set(note=defs.NOTE_RESERVOIR_LOW)  # a lower one
    pump.wait(3600000)
    assert (pump.annunciator.shows, pump.annunciator.sounds) == (1, 1)


# ---- what an acknowledgement does to the sound ---------------------------------------------------------------------


def test_acknowledged_low_and_medium_are_quiet_and_lit_and_a_high_one_that_stands_goes_on():
    for number, bit, note, priority, _, _ in _ROWS:
        pump = _Pump()
        pump.set(bit, note)
        pump.alarms.acknowledge(number)
        assert pump.shows(priority, priority if priority == defs.PRIORITY_HIGH else defs.PRIORITY_NONE), number
        pump.wait(3600000)
        assert pump.shows(priority, priority if priority == defs.PRIORITY_HIGH else defs.PRIORITY_NONE), number


def test_acknowledged_and_silenced_a_high_one_that_stands_sounds_again():
    pump = _Pump()
    pump.set(defs.BIT_OCCLUDED)
    pump.alarms.silence(pump.uptime.now, 120)
    pump.alarms.acknowledge(_OCCLUSION)
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_NONE)
    pump.wait(120000)
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_HIGH)


def test_the_sound_is_of_the_highest_that_is_heard_and_the_light_of_the_highest():
    pump = _Pump()
    pump.set(note=defs.NOTE_LEVEL_BLIND)
    pump.alarms.acknowledge(0)
    pump.set(note=defs.NOTE_RESERVOIR_LOW)
    assert pump.shows(defs.PRIORITY_MEDIUM, defs.PRIORITY_LOW)
    assert pump.alarms.top == defs.ALARM_LEVEL_SENSOR


# ---- silence -------------------------------------------------------------------------------------------------------


def test_a_silence_ends_after_120_seconds_and_the_light_stays():
    pump = _Pump()
    pump.set(defs.BIT_OCCLUDED)
    pump.alarms.silence(pump.uptime.now, 120)
    pump.wait(119999)
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_NONE) and pump.alarms.silenced
    pump.wait(1)
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_HIGH) and not pump.alarms.silenced
    assert pump.journal.logged(defs.EVENT_SILENCED) == [(120, 0)]


def test_a_silence_lasts_as_long_as_was_asked_for_and_never_longer_than_120_seconds():
    for asked_s, span_s in ((10, 10), (120, 120), (121, 120), (86400, 120)):
        pump = _Pump()
        pump.set(defs.BIT_OCCLUDED)
        pump.alarms.silence(pump.uptime.now, asked_s)
        pump.wait(span_s * 1000 - 1)
        assert pump.alarms.silenced
        pump.wait(1)
        assert not pump.alarms.silenced


def test_a_new_alarm_breaks_the_silence_even_a_lower_one():
    pump = _Pump()
    pump.set(defs.BIT_OCCLUDED)
    pump.alarms.silence(pump.uptime.now, 120)
    pump.wait(60000)
    pump.set(note=defs.NOTE_RESERVOIR_LOW)
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_HIGH) and not pump.alarms.silenced
    pump.alarms.silence(pump.uptime.now, 120)
    pump.wait(119999)  # the broken silence's end must not end the new one
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_NONE)
    pump.wait(1)
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_HIGH)


def test_a_silence_is_no_acknowledgement():
    pump = _Pump()
    pump.set(defs.BIT_OCCLUDED)
    pump.alarms.silence(pump.uptime.now, 120)
    assert pump.rows() == {_OCCLUSION: (1, 0)}


def test_a_silence_with_nothing_to_hear_does_not_keep_the_next_alarm_quiet():
    pump = _Pump()
    pump.alarms.silence(pump.uptime.now, 120)
    pump.set(note=defs.NOTE_RESERVOIR_LOW)
    assert pump.shows(defs.PRIORITY_LOW, defs.PRIORITY_LOW)


def test_the_loss_of_the_link_ends_its_silence_and_not_that_of_the_button():
    for origin, ends in ((alarms.FROM_LINK, True), (alarms.FROM_BUTTON, False)):
        pump = _Pump()
        pump.set(defs.BIT_OCCLUDED)
        pump.alarms.end_silence()
        assert pump.annunciator.sounds == 1
        pump.alarms.silence(pump.uptime.now, 120, origin)
        pump.alarms.end_silence()
        assert pump.alarms.silenced != ends
        assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_HIGH if ends else defs.PRIORITY_NONE)
        assert pump.alarms.job.armed != ends
        assert pump.rows() == {_OCCLUSION: (1, 0)}


# ---- repetition ----------------------------------------------------------------------------------------------------


def test_the_third_time_in_ten_minutes_is_an_alarm_of_its_own_that_stops():
    for number, bit, note, priority, _, _ in _ROWS:
        pump = _Pump()
        pump.flap(2, 1000, note, bit)
        assert not pump.facts.has(defs.BIT_ALARM_REPEATS)
        pump.wait(600000 - 2000 - 1)
        pump.set(bit, note)
        if priority == defs.PRIORITY_LOW:  # it informs, and stops nothing
            assert not pump.facts.has(defs.BIT_ALARM_REPEATS), number
            continue
        assert pump.facts.has(defs.BIT_ALARM_REPEATS), number
        assert pump.rows()[defs.ALARM_ALARM_REPEATS] == (1, 0)
        assert pump.facts.has(defs.BIT_ALARM_HOLDS), number


def test_ten_minutes_count_to_their_last_second():
    for ms, repeats in ((600000, True), (601000, False)):
        pump = _Pump()
        pump.flap(2, 1000, note=defs.NOTE_TEMPERATURE_OUT)
        pump.wait(ms - 2000)
        pump.set(note=defs.NOTE_TEMPERATURE_OUT)
        assert pump.facts.has(defs.BIT_ALARM_REPEATS) == repeats


def test_begins_quiet_with_nothing_to_show():
    pump = _Pump()
    assert (pump.alarms.silenced, pump.alarms.top, pump.alarms.priority) == (False, 0, defs.PRIORITY_NONE)
    assert pump.rows() == {}


def test_a_slower_repetition_and_other_alarms_do_not_count():
    pump = _Pump()
    pump.flap(2, 1000, note=defs.NOTE_TEMPERATURE_OUT)
    pump.wait(600000 - 2000 + 1000)
    pump.flap(1, 1000, note=defs.NOTE_TEMPERATURE_OUT)
    pump.flap(2, 1000, note=defs.NOTE_SUPPLY_LOW)
    pump.flap(2, 1000, note=defs.NOTE_LEVEL_BLIND)
    assert not pump.facts.has(defs.BIT_ALARM_REPEATS)


def test_one_that_stands_is_no_repetition():
    pump = _Pump()
    for _ in range(10):
        pump.set(note=defs.NOTE_TEMPERATURE_OUT)
        pump.alarms.acknowledge(0)
        pump.wait(1000)
    assert not pump.facts.has(defs.BIT_ALARM_REPEATS)


def test_repetitions_stand_until_they_are_acknowledged_and_are_counted_anew_then():
    pump = _Pump()
    pump.wait(5000)
    pump.flap(3, 1000, note=defs.NOTE_SUPPLY_LOW)
    pump.wait(3600000)
    assert pump.rows() == {defs.ALARM_ALARM_REPEATS: (1, 0)}
    pump.flap(1, 1000, note=defs.NOTE_SUPPLY_LOW)
    pump.alarms.acknowledge(defs.ALARM_ALARM_REPEATS)
    assert not pump.facts.has(defs.BIT_ALARM_REPEATS)
    assert pump.rows() == {}
    assert not pump.facts.has(defs.BIT_ALARM_HOLDS)
    pump.wait(1000)
    pump.flap(2, 1000, note=defs.NOTE_SUPPLY_LOW)
    assert not pump.facts.has(defs.BIT_ALARM_REPEATS)
    pump.flap(1, 1000, note=defs.NOTE_SUPPLY_LOW)
    assert pump.facts.has(defs.BIT_ALARM_REPEATS)


# ---- records and the player ----------------------------------------------------------------------------------------


def test_the_record_carries_the_pressure():
    pump = _Pump()
    pump.line.pressure_pa = _PA
    pump.set(defs.BIT_OCCLUDED)
    pump.set(defs.BIT_OCCLUDED, on=False)
    assert pump.journal.rows == [
        (defs.EVENT_ALARM_RAISED, _OCCLUSION, _PA), (defs.EVENT_ALARM_CLEARED, _OCCLUSION, _PA),
    ]  # fmt: skip


def test_patterns_are_played_as_long_as_they_change():
    pump = _Pump()
    pump.annunciator.pattern_ms = 250
    pump.set(note=defs.NOTE_LEVEL_BLIND)
    pump.wait(10000)
    assert pump.annunciator.plays == 41
    pump.annunciator.pattern_ms = -1
    pump.wait(60000)
    assert pump.annunciator.plays == 42


def test_a_pattern_may_want_to_go_on_at_once():
    pump = _Pump()
    pump.annunciator.pattern_ms = 0
    pump.alarms.play(pump.uptime.now)
    assert pump.alarms.player.armed and pump.alarms.player.due == pump.uptime.now


def test_taking_in_facts_allocates_nothing():
    if not hasattr(gc, "mem_alloc"):
        return
    pump = _Pump()
    pump.journal.rows = None
    facts = pump.facts
    update = pump.alarms.update
    play = pump.alarms.play
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(100):
        facts.word = defs.BIT_OCCLUDED
        update()
        facts.notes = defs.NOTE_RESERVOIR_LOW
        update()
        play(0)
        facts.word = facts.notes = 0
        update()
    after = gc.mem_alloc()
    gc.enable()
    assert after - before < 100
