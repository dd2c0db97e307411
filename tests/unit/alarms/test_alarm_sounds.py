"""Light and sound of alarms: set only on a change, after acknowledgement, during a silence, and what ends one."""

from alarm_rig import OCCLUSION, ROWS, Pump
from pump import defs
from pump.alarms import alarms

REQUIREMENTS = ("A3", "A4")


def test_light_and_sound_step_down_as_alarms_go():
    pump = Pump()
    pump.set(defs.BIT_OCCLUDED, defs.NOTE_RESERVOIR_LOW)
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_HIGH)
    pump.alarms.acknowledge(OCCLUSION)
    pump.set(defs.BIT_OCCLUDED, on=False)
    assert pump.shows(defs.PRIORITY_LOW, defs.PRIORITY_LOW)
    pump.set(note=defs.NOTE_RESERVOIR_LOW, on=False)
    assert pump.shows(0, 0)


def test_light_and_sound_are_called_on_a_change_and_only_then():
    pump = Pump()
    pump.alarms.update()
    assert (pump.annunciator.shows, pump.annunciator.sounds) == (0, 0)
    pump.set(note=defs.NOTE_LEVEL_BLIND)
    pump.set(note=defs.NOTE_PRESSURE_BLIND)  # the same priority
    pump.set(note=defs.NOTE_RESERVOIR_LOW)  # a lower one
    pump.wait(3600000)
    assert (pump.annunciator.shows, pump.annunciator.sounds) == (1, 1)


def test_acknowledged_low_and_medium_alarms_are_silent_and_lit_and_an_active_high_one_sounds_on():
    for number, bit, note, priority, _, _ in ROWS:
        pump = Pump()
        pump.set(bit, note)
        pump.alarms.acknowledge(number)
        assert pump.shows(priority, priority if priority == defs.PRIORITY_HIGH else defs.PRIORITY_NONE), number
        pump.wait(3600000)
        assert pump.shows(priority, priority if priority == defs.PRIORITY_HIGH else defs.PRIORITY_NONE), number


def test_an_active_high_alarm_that_was_acknowledged_and_silenced_sounds_again():
    pump = Pump()
    pump.set(defs.BIT_OCCLUDED)
    pump.alarms.silence(pump.uptime.now, 120)
    pump.alarms.acknowledge(OCCLUSION)
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_NONE)
    pump.wait(120000)
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_HIGH)


def test_the_sound_is_of_the_highest_that_sounds_and_the_light_of_the_highest():
    pump = Pump()
    pump.set(note=defs.NOTE_LEVEL_BLIND)
    pump.alarms.acknowledge(0)
    pump.set(note=defs.NOTE_RESERVOIR_LOW)
    assert pump.shows(defs.PRIORITY_MEDIUM, defs.PRIORITY_LOW)
    assert pump.alarms.top == defs.ALARM_LEVEL_SENSOR


def test_a_silence_ends_after_120_seconds_and_the_light_stays():
    pump = Pump()
    pump.set(defs.BIT_OCCLUDED)
    pump.alarms.silence(pump.uptime.now, 120)
    pump.wait(119999)
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_NONE) and pump.alarms.silenced
    pump.wait(1)
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_HIGH) and not pump.alarms.silenced
    assert pump.journal.logged(defs.EVENT_SILENCED) == [(120, 0)]


def test_a_silence_lasts_as_long_as_was_asked_for_and_never_longer_than_120_seconds():
    for asked_s, span_s in ((10, 10), (120, 120), (121, 120), (86400, 120)):
        pump = Pump()
        pump.set(defs.BIT_OCCLUDED)
        pump.alarms.silence(pump.uptime.now, asked_s)
        pump.wait(span_s * 1000 - 1)
        assert pump.alarms.silenced
        pump.wait(1)
        assert not pump.alarms.silenced


def test_a_new_alarm_ends_the_silence_even_one_of_lower_priority():
    pump = Pump()
    pump.set(defs.BIT_OCCLUDED)
    pump.alarms.silence(pump.uptime.now, 120)
    pump.wait(60000)
    pump.set(note=defs.NOTE_RESERVOIR_LOW)
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_HIGH) and not pump.alarms.silenced
    pump.alarms.silence(pump.uptime.now, 120)
    pump.wait(119999)  # the end of the first silence must not end the second one
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_NONE)
    pump.wait(1)
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_HIGH)


def _silent_ms(pump, every_s, hours=1):
    """How long an alarm is silent within these hours, and the longest time of it, with a silence so often."""
    silent_ms = longest_ms = run_ms = 0
    for second in range(hours * 3600):
        if second % every_s == 0:
            pump.alarms.silence(pump.uptime.now, 120)
        pump.wait(1000)
        quiet = pump.annunciator.tone is None
        run_ms = run_ms + 1000 if quiet else 0
        silent_ms += 1000 if quiet else 0
        longest_ms = max(longest_ms, run_ms)
    return silent_ms, longest_ms


def test_however_often_a_silence_is_asked_for_it_lasts_120_s_and_the_alarm_is_heard_for_half_of_an_hour():
    for every_s in (1, 2, 10, 50, 119, 120, 121, 180, 240, 300):
        pump = Pump()
        pump.set(defs.BIT_OCCLUDED)
        silent_ms, longest_ms = _silent_ms(pump, every_s)
        assert longest_ms <= 120000, every_s
        assert silent_ms <= 3600000 // 2 + 120000, every_s
        assert silent_ms > 3600000 // 3 or every_s < 50


def test_the_answer_to_a_silence_is_how_long_it_lasts():
    pump = Pump()
    pump.set(defs.BIT_OCCLUDED)
    assert pump.alarms.silence(pump.uptime.now, 100) == 100
    pump.wait(50000)
    assert pump.alarms.silence(pump.uptime.now, 100) == 70
    pump.wait(70000)
    assert pump.alarms.silence(pump.uptime.now, 100) == 0
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_HIGH) and not pump.alarms.silenced
    pump.wait(30000)
    assert pump.alarms.silence(pump.uptime.now, 100) == 30
    pump.wait(29999)
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_NONE)
    pump.wait(1)
    assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_HIGH)
    assert pump.journal.logged(defs.EVENT_SILENCED) == [(100, 0), (70, 0), (0, 0), (30, 0)]


def test_an_alarm_that_comes_again_and_again_cannot_be_used_to_silence_another_for_longer():
    pump = Pump()
    pump.set(defs.BIT_OCCLUDED)
    silent_s = 0
    for second in range(3600):
        if second % 50 == 0:
            pump.set(note=defs.NOTE_RESERVOIR_LOW)
            pump.set(note=defs.NOTE_RESERVOIR_LOW, on=False)
            pump.alarms.silence(pump.uptime.now, 120)
        pump.wait(1000)
        silent_s += pump.annunciator.tone is None
    assert silent_s <= 1800 + 2 * 120


def test_a_silence_is_no_acknowledgement():
    pump = Pump()
    pump.set(defs.BIT_OCCLUDED)
    pump.alarms.silence(pump.uptime.now, 120)
    assert pump.rows() == {OCCLUSION: (1, 0)}


def test_a_silence_with_nothing_to_hear_does_not_keep_the_next_alarm_quiet():
    pump = Pump()
    pump.alarms.silence(pump.uptime.now, 120)
    pump.set(note=defs.NOTE_RESERVOIR_LOW)
    assert pump.shows(defs.PRIORITY_LOW, defs.PRIORITY_LOW)


def test_the_loss_of_the_link_ends_its_silence_and_not_that_of_the_button():
    for origin, ends in ((alarms.FROM_LINK, True), (alarms.FROM_BUTTON, False)):
        pump = Pump()
        pump.set(defs.BIT_OCCLUDED)
        pump.alarms.end_silence()
        assert pump.annunciator.sounds == 1
        pump.alarms.silence(pump.uptime.now, 120, origin)
        pump.alarms.end_silence()
        assert pump.alarms.silenced != ends
        assert pump.shows(defs.PRIORITY_HIGH, defs.PRIORITY_HIGH if ends else defs.PRIORITY_NONE)
        assert pump.alarms.job.armed != ends
        assert pump.rows() == {OCCLUSION: (1, 0)}


def test_patterns_are_played_as_long_as_they_change():
    pump = Pump()
    pump.annunciator.pattern_ms = 250
    pump.set(note=defs.NOTE_LEVEL_BLIND)
    pump.wait(10000)
    assert pump.annunciator.plays == 41
    pump.annunciator.pattern_ms = -1
    pump.wait(60000)
    assert pump.annunciator.plays == 42


def test_a_pattern_may_be_due_again_at_once():
    pump = Pump()
    pump.annunciator.pattern_ms = 0
    pump.alarms.play(pump.uptime.now)
    assert pump.alarms.player.armed and pump.alarms.player.due == pump.uptime.now
