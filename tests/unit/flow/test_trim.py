"""The flow sensor's trim: bounded, slow, and inactive without a reliable mean."""

import dose_rig
import sensor_fakes
import trim_rig
from dose_rig import DAY, HOUR, MINUTE
from plant.arithmetic import noise
from pump import defs
from pump.core import ticks
from pump.flow import trim


def _trims(line):
    return [row[0] for row in line.journal.of(defs.EVENT_TRIM)]


def test_a_stroke_that_is_too_large_or_too_small_is_trimmed():
    for mean in (False, True):
        for ppm in (0, 25000, -25000):
            line = trim_rig.Line(ppm, mean)
            line.infuse(1000, 28 * HOUR)
            assert abs(line.trim.trim_ppm - ppm) < 2000, (mean, ppm, _trims(line))
            rows = [0] + _trims(line)
            assert all(abs(later - earlier) <= 10000 for earlier, later in zip(rows, rows[1:]))
            assert not line.conditions.notes and not line.conditions.word


def test_readings_take_a_sixteenth_of_the_time_at_any_rate():
    for ul_day, days in ((24000, 1), (1000, 1), (50, 4)):
        line = trim_rig.Line()
        line.infuse(ul_day, days * DAY)
        assert 25000 <= line.reads // days <= 55000, (ul_day, line.reads)


def test_what_is_beyond_ten_percent_alarms_and_is_not_corrected():
    for ppm in (150000, -150000, 1500000):
        line = trim_rig.Line(ppm)
        line.infuse(1000, 7 * HOUR)
        assert line.noted(defs.NOTE_FLOW_OFF)
        line.infuse(1000, 7 * HOUR)
        assert line.noted(defs.NOTE_FLOW_OFF) and line.trim.trim_ppm == 0


def test_what_comes_to_ten_percent_in_the_end_is_left_at_what_it_was():
    line = trim_rig.Line(115000)
    line.trim.trim_ppm = 80000
    line.infuse(1000, 14 * HOUR)
    assert line.noted(defs.NOTE_FLOW_OFF) and line.trim.trim_ppm == 80000


def test_a_deviation_about_the_bound_is_one_alarm():
    for sign in (1, -1):
        line = trim_rig.Line()
        seen = []
        for ppm in (99000, 101000, 99000, 101000, 91000, 89000):  # the mean of a round
            line.trim._adjust(sign * ppm - line.trim.trim_ppm, 0)
            seen.append(line.noted(defs.NOTE_FLOW_OFF))
        assert seen == [False, True, True, True, True, False]


def test_windows_that_are_left_out_now_and_then_are_one_alarm():
    line = trim_rig.Line()
    changes = 0
    for windows in (9, 8, 6, 5, 4):  # of a round are left out
        before = line.noted(defs.NOTE_FLOW_OFF)
        line.trim._new_round()
        for number in range(32 + windows):
            if line.trim._used or line.trim._left_out or not number:
                line.trim._ul_day = 1000
                line.trim._compare(30000 if number < windows else 11574)
        changes += line.noted(defs.NOTE_FLOW_OFF) != before
    assert changes == 2 and not line.noted(defs.NOTE_FLOW_OFF)


def test_a_sensor_that_fails_leaves_the_trim_and_is_noted():
    line = trim_rig.Line(40000)
    line.infuse(1000, 7 * HOUR)
    ppm = line.trim.trim_ppm
    assert ppm > 0
    line.off = True
    line.infuse(1000, HOUR)
    assert line.noted(defs.NOTE_FLOW_BLIND)
    line.infuse(1000, 14 * HOUR)
    assert line.trim.trim_ppm == ppm
    line.off = False
    line.infuse(1000, HOUR)
    assert not line.noted(defs.NOTE_FLOW_BLIND)


def test_a_sensor_that_fails_now_and_then_is_blind_all_the_time():
    line = trim_rig.Line()
    line.infuse(1000, HOUR)
    changes = 0
    for _ in range(60):
        before = line.noted(defs.NOTE_FLOW_BLIND)
        line.off = True
        line.infuse(1000, 21600)
        line.off = False
        line.infuse(1000, 21600)
        changes += line.noted(defs.NOTE_FLOW_BLIND) != before
    assert line.noted(defs.NOTE_FLOW_BLIND) and changes == 1


def test_a_sensor_that_stands_still_is_blind_and_trims_nothing():
    line = trim_rig.Line()
    sensor = sensor_fakes.Flow()
    sensor.pl_s = 11574 * 105 // 100
    line.fit(sensor)
    line.infuse(1000, DAY)
    assert line.noted(defs.NOTE_FLOW_BLIND)
    assert line.trim.trim_ppm == 0 and not _trims(line)


class Wild(sensor_fakes.Flow):
    """Random values, as from the world's sensor with the fault `garbage`."""

    def __init__(self):
        sensor_fakes.Flow.__init__(self)
        self._chance = noise.Noise(1, 1)

    def read_pl_s(self):
        return (self._chance.below(20001) - 10000) * 1000


def test_garbage_is_reported_and_changes_no_trim():
    line = trim_rig.Line()
    line.fit(Wild())
    line.infuse(1000, DAY)
    assert line.noted(defs.NOTE_FLOW_OFF) and line.trim.trim_ppm == 0


def test_an_offset_trims_by_no_more_than_it_is():
    for offset_pl_s, settled_ppm in ((250, 21600), (-250, -21600), (2000, 0), (-2000, 0)):  # of 11,574 pL/s
        line = trim_rig.Line()
        line.offset_pl_s = offset_pl_s
        line.infuse(1000, 40 * HOUR)
        assert abs(line.trim.trim_ppm - settled_ppm) < 2000, (offset_pl_s, line.trim.trim_ppm)
        assert line.noted(defs.NOTE_FLOW_OFF) == (not settled_ppm)


def test_a_sensor_that_shows_too_much_is_set_right_by_its_gain():
    line = trim_rig.Line(15000)
    line.trim.gain_ppm = 1015000
    line.infuse(1000, 14 * HOUR)
    assert abs(line.trim.trim_ppm) < 1000


def test_the_offset_is_measured_at_rest():
    for offset_pl_s in (2000, -2000):
        line = trim_rig.Line()
        line.offset_pl_s = offset_pl_s
        line.infuse(1000, HOUR)
        line.rest(10 * MINUTE)
        reads = line.reads
        line.rest(HOUR)
        assert line.reads == reads  # it is known now
        line.infuse(1000, 14 * HOUR)
        assert abs(line.trim.trim_ppm) < 2000, (offset_pl_s, line.trim.trim_ppm)


def test_too_much_flow_at_rest_is_no_offset():
    line = trim_rig.Line()
    line.offset_pl_s = 3100
    line.rest(HOUR)
    line.offset_pl_s = 0
    line.infuse(1000, 14 * HOUR)
    assert abs(line.trim.trim_ppm) < 2000


def test_windows_in_which_the_patient_moved_are_left_out():
    line = trim_rig.Line()
    for turn in range(24):
        line.infuse(1000, HOUR - MINUTE)
        line.offset_pl_s = 40000 if turn % 3 else -30000  # a minute long
        line.infuse(1000, MINUTE)
        line.offset_pl_s = 0
    assert abs(line.trim.trim_ppm) < 3000, _trims(line)
    assert not line.conditions.notes


def test_windows_count_on_at_another_rate():
    line = trim_rig.Line(40000)
    for turn in range(24):
        line.infuse((1000, 1300)[turn % 2], HOUR)
    assert line.trim.trim_ppm >= 20000
    line = trim_rig.Line(40000)
    for turn in range(240):  # no window is completed
        line.infuse((1000, 1300)[turn % 2], 6 * MINUTE)
    assert line.trim.trim_ppm == 0


# ---- with delivery ---------------------------------------------------------------------------------------------------


class Pulsing(sensor_fakes.Flow):
    """Strokes that are 4 % too large, each flowing out within the next 0.8 s."""

    def __init__(self, rig):
        sensor_fakes.Flow.__init__(self)
        self._rig = rig

    def read_pl_s(self):
        sensor_fakes.Flow.read_pl_s(self)
        since_ms = min(ticks.diff(self._rig.clock.now, self._rig.drive._began), 800)
        return 1625 * min(since_ms, 800 - since_ms)


def _rig(fitted=True):
    def make(rig):
        rig.flow = Pulsing(rig)
        return trim.Trim(rig.flow if fitted else None, rig.conditions, rig.journal, rig.monitor.report_no_flow)

    return dose_rig.Rig(trim=make)


def test_the_strokes_follow_the_trim_as_long_as_it_is_allowed():
    rig = _rig()
    rig.plan(1000)
    rig.run(7 * HOUR)
    assert rig.trim.trim_ppm == 10000 and rig.delivery.stroke_pl == 252500
    rig.trim.allow(False)
    rig.run(7 * HOUR)
    assert rig.delivery.stroke_pl == 250000
    rig.trim.allow(True)
    rig.run(7 * HOUR)
    assert rig.delivery.stroke_pl == 252500


def test_another_calibration_drops_the_trim():
    rig = _rig()
    rig.plan(1000)
    rig.run(7 * HOUR)
    assert rig.trim.trim_ppm == 10000
    rig.rest()
    rig.delivery.set_stroke(100, 2600, 2000, 4)
    assert (rig.trim.trim_ppm, rig.delivery.stroke_pl) == (0, 260000)


def test_it_is_inert_without_a_sensor():
    rig = _rig(False)
    rig.plan(24000)
    rig.run(HOUR)
    rig.rest()
    rig.run(HOUR)
    assert rig.flow.reads == 0 and rig.trim.trim_ppm == 0 and not rig.conditions.notes
