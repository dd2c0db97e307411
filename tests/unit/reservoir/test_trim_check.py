"""The flow sensor's trim against the level: which of the two volumes of a stroke the reservoir follows."""

import persistence_rig
import pump_rig
import sensor_fakes
from pump import defs
from pump.reservoir import trim_check

REQUIREMENTS = ("D4",)
LONG = {
    "test_a_trim_that_the_level_contradicts_is_refuted_within_four_days": "days of strokes",
    "test_a_refuted_trim_stays_off_until_a_person_changes_the_calibration_or_switches_it_off": "days of strokes",
    "test_a_refuted_trim_stays_off_over_a_reset": "days of strokes",
}
NOISE_NL = (7000, -9000, 2000, -5000, 12000, -7000)  # of the filtered level
DAY = 1440
STEP_PPM = 10000  # of the trim in a round of six hours


def _watch(days, settled_ppm, true_ppm, ul_day=1000, drift_nl_day=0, began=0):
    """Minutes until the trim is refuted, -1 for never; it settles at settled_ppm, the strokes are off by true_ppm."""
    check = trim_check.TrimCheck()
    ledger_pl = level_pl = 16000 * 1000000
    trim_ppm = 0
    for minute in range(days * DAY):
        if minute >= began and minute % 360 == 0 and trim_ppm != settled_ppm:
            step = max(-STEP_PPM, min(settled_ppm - trim_ppm, STEP_PPM))
            trim_ppm += step
        taken_pl = ul_day * 1000000 // DAY
        ledger_pl -= taken_pl
        level_pl -= taken_pl * (1000000 + true_ppm) // (1000000 + trim_ppm) - drift_nl_day * 1000 // DAY
        check.add(level_pl // 1000 + NOISE_NL[minute % 6], ledger_pl // 1000, trim_ppm)
        if check.refuted:
            return minute
    return -1


def test_a_trim_that_the_level_contradicts_is_refuted_within_four_days():
    for settled_ppm in (-86000, 86000, -60000, 60000):
        minute = _watch(14, settled_ppm, 0)
        assert 0 < minute < 4 * DAY, settled_ppm


def test_it_makes_no_difference_how_long_the_pump_has_run_without_a_trim():
    early, late = _watch(14, -86000, 0), _watch(14, -86000, 0, began=7 * DAY)
    assert abs(late - 7 * DAY - early) < 600


def test_a_trim_that_is_right_is_never_refuted():
    for ppm in (-86000, 86000, -30000, 30000, -5000, 0):
        for drift_nl_day in (0, 20000, -20000):
            assert _watch(14, ppm, ppm, drift_nl_day=drift_nl_day) == -1, (ppm, drift_nl_day)


def test_a_small_trim_is_left_alone_where_the_drift_of_the_level_could_explain_it():
    for ppm in (-20000, 20000):
        assert _watch(14, ppm, 0) == -1


def test_a_loss_that_the_trim_can_not_explain_is_another_fault():
    for true_ppm in (-300000, 300000):
        assert _watch(14, -20000, true_ppm) == -1
        assert _watch(14, 20000, true_ppm) == -1


def test_a_new_content_or_a_leap_of_the_level_begins_again():
    for leap_nl in (0, 400000, -400000):
        check = trim_check.TrimCheck()
        ledger = 16000000
        level = 16000000
        for minute in range(20 * DAY):
            ledger -= 694
            level -= 754  # 86 uL a day more
            if minute % 400 == 399:
                if leap_nl:
                    level += leap_nl
                else:
                    check.restart()
            check.add(level, ledger, -86000)
            assert not check.refuted


class _Flow(sensor_fakes.Flow):
    """Not the flow but what a test asks the trim for: it stands still, so that no window is good."""


def _trimmed(ppm, gain_ppm=1000000):
    pump = persistence_rig.new(flow=_Flow())
    pump.run(1000)
    pump.change("param_set", name="flow_gain_ppm", value=gain_ppm)
    pump_rig.infuse(pump, 24000)
    pump.run(pump_rig.HOUR)
    pump.controller.trim.trim_ppm = ppm
    pump.controller.trim.changed = True
    pump.run(pump_rig.MINUTE)
    return pump


def _raised(pump):
    return [row[0] for row in pump.logged(defs.EVENT_ALARM_RAISED)]


def test_a_refuted_trim_is_dropped_with_an_alarm_and_delivery_goes_on():
    pump = _trimmed(-86000)
    assert pump.controller.delivery.stroke_pl == 228500
    pump.run(2 * pump_rig.HOUR)
    assert defs.ALARM_TRIM_REFUTED in _raised(pump)
    assert pump.controller.delivery.stroke_pl == 250000 and pump.controller.trim.trim_ppm == 0
    assert pump.controller.supervisor.state == defs.STATE_INFUSING
    assert pump.logged(defs.EVENT_TRIM) == [[0, 0]]


def test_a_refuted_trim_stays_off_until_a_person_changes_the_calibration_or_switches_it_off():
    for name, value in (("flow_gain_ppm", 914000), ("flow_trim", 0), ("pl_per_step", 2550)):
        pump = _trimmed(-86000)
        pump.run(2 * pump_rig.HOUR)
        pump.do("ack", alarm=defs.ALARM_TRIM_REFUTED)
        pump.controller.trim._adjust(-20000, -10000)
        assert pump.controller.trim.trim_ppm == 0
        assert pump.app.conditions.noted(defs.NOTE_TRIM_REFUTED)
        pump.do("stop")
        pump.change("param_set", name=name, value=value)
        assert not pump.app.conditions.noted(defs.NOTE_TRIM_REFUTED), name


def test_a_refuted_trim_stays_off_over_a_reset():
    for gain_ppm in (1000000, 950000):  # also with a calibration that is not the default
        pump = _trimmed(-86000, gain_ppm)
        pump.run(2 * pump_rig.HOUR)
        pump.do("ack", alarm=defs.ALARM_TRIM_REFUTED)
        after = persistence_rig.again(pump)
        assert after.controller.trim.gain_ppm == gain_ppm
        assert after.app.conditions.noted(defs.NOTE_TRIM_REFUTED)
        after.run(1000)
        after.controller.trim._adjust(-20000, -10000)
        assert after.controller.trim.trim_ppm == 0
        after.change("param_set", name="flow_gain_ppm", value=960000)
        assert not after.app.conditions.noted(defs.NOTE_TRIM_REFUTED)


def test_a_trim_without_a_level_is_left_to_its_bound():
    pump = _trimmed(-86000)
    pump.board.level.off = True
    pump.run(2 * pump_rig.HOUR)
    assert defs.ALARM_TRIM_REFUTED not in _raised(pump) and defs.ALARM_LEVEL_SENSOR in _raised(pump)
    assert pump.controller.trim.trim_ppm == -86000
