"""The pressure of a whole pump: times of the samples, effects of a block, the absolute limit, a failed sensor."""

import pump_rig
from pump import defs

REQUIREMENTS = ("O1", "O3")


def test_a_stroke_has_a_sample_after_it_and_two_windows():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(21600)  # the first stroke begins
    before = pump.board.pressure.reads
    pump.run(201 + 49)
    assert pump.board.pressure.reads == before
    pump.run(1)
    assert pump.board.pressure.reads == before + 1
    pump.run(21400 // 2 + 2500)
    assert pump.board.pressure.reads == before + 1 + 16
    pump.run(21600 - 201 - 50 - 21400 // 2 - 2500)
    assert pump.board.pressure.reads == before + 1 + 16 + 16


def test_fewer_samples_where_strokes_are_near_and_none_in_the_motion():
    pump = pump_rig.infuse(pump_rig.Pump(), 24000)
    pump.run(900)
    before = pump.board.pressure.reads
    pump.run(201)
    assert pump.board.pressure.reads == before
    pump.run(699)
    assert pump.board.pressure.reads == before + 1 + 3


def test_the_traces_of_the_last_strokes_are_held_at_the_alarm():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(20 * pump_rig.MINUTE)
    pump.board.pressure.block()
    pump.run(5 * 21600)
    pump.run(pump_rig.HOUR)
    traces = pump.controller.monitor.trace
    assert traces.alarm == defs.ALARM_OCCLUSION
    before = 15 * 9  # samples in quiet times; of the last stroke all 33, as a block is suspected
    assert [row[0] for row in traces.rows(before - 1)[:2]] == [1, 0]
    assert traces.rows(before + 33) == []
    rows = traces.rows(before + 33 - 16)  # the last window of the last stroke
    assert len(rows) == 16
    assert [row[0] for row in rows] == [0] * 16
    assert rows[-1][1] == 21600 - 201 - 250 - 9  # ms after the stroke, down to tens
    assert rows[-1][2] > pump_rig.REST_PA + 2 * 2500


def test_a_block_is_found_within_six_strokes_or_twenty_seconds_at_every_rate():
    for ul_day in (50, 1000, 7300, 24000):
        pump = pump_rig.infuse(pump_rig.Pump(), ul_day)
        stroke_ms = 21600000 // ul_day
        pump.run(100 * stroke_ms + 10)
        pump.board.pressure.block()
        before = pump.controller.account.strokes
        pump.run(max(7 * stroke_ms, 20000))
        assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
        assert pump.controller.alarms.top == defs.ALARM_OCCLUSION
        assert pump.controller.account.strokes - before <= max(6, 20000 // stroke_ms)
        assert pump.logged(defs.EVENT_STROKE_CUT) == []


def _blocked():
    """A pump stopped by a block, without relief and without automatic restart."""
    pump = pump_rig.infuse(pump_rig.Pump(reverses=False), 1000)
    pump.run(20 * pump_rig.MINUTE)
    pump.board.pressure.block()
    pump.run(5 * 21600)
    assert pump.app.conditions.has(defs.BIT_OCCLUDED)
    return pump


def test_after_an_acknowledgement_the_next_strokes_test_the_line_and_a_block_that_stands_is_found_again():
    pump = _blocked()
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    assert pump.refused("resume") == defs.REFUSE_HELD
    pump.run(pump_rig.MINUTE)
    assert pump.refused("resume") == defs.REFUSE_HELD  # not before a user has acknowledged
    pump.do("ack")
    count = pump.controller.account.strokes
    pump.do("resume")
    pump.run(10 * 21600)
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    assert pump.controller.alarms.top == defs.ALARM_OCCLUSION
    assert pump.controller.account.strokes - count <= 8


def test_a_user_can_resume_within_a_minute_of_the_stop_whatever_the_pressure_does():
    for reverses in (False, True):
        pump = pump_rig.infuse(pump_rig.Pump(reverses=reverses), 1000)
        pump.run(20 * pump_rig.MINUTE)
        pump.board.pressure.block()
        while not pump.app.conditions.has(defs.BIT_OCCLUDED):
            pump.run(1000)
        pump.board.pressure.unblock()
        pump.board.pressure.pa = 23000  # the vessel's own pressure has risen, and stays
        pump.do("ack")
        pump.run(pump_rig.MINUTE)
        pump.do("resume")
        assert pump.controller.supervisor.state == defs.STATE_INFUSING


def test_a_block_that_opens_clears_and_delivery_goes_on_after_ack_and_resume():
    pump = _blocked()
    pump.board.pressure.unblock()
    pump.run(2000)
    assert not pump.app.conditions.has(defs.BIT_OCCLUDED)
    pump.do("ack")
    count = pump.controller.account.strokes
    pump.do("resume")
    pump.run(pump_rig.HOUR)
    assert pump.controller.account.strokes >= count + 166
    assert pump.controller.alarms.rows() == []


def test_the_alarm_stays_until_acknowledged_when_the_block_opens_by_itself():
    pump = _blocked()
    pump.board.pressure.unblock()
    pump.run(pump_rig.HOUR)
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    assert pump.refused("resume") == defs.REFUSE_HELD
    pump.do("ack")
    pump.run(0)
    pump.do("resume")


def test_a_rate_change_begins_the_average_anew():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.board.pressure.stroke_pa = 0  # the baseline is the pressure that is retained
    pump.run(pump_rig.HOUR)
    pump.board.pressure.pa = 33000  # the pressure retained between strokes depends on the rate
    pump.change("rate", ul_day=24000, override="soft_rate")
    pump.run(pump_rig.MINUTE)
    assert pump.controller.supervisor.state == defs.STATE_INFUSING
    assert pump.ask("status")["baseline_pa"] == 33000


def test_a_block_that_was_not_acknowledged_holds_across_a_stop_and_a_minute():
    pump = _blocked()
    pump.run(pump_rig.MINUTE)
    assert pump.app.conditions.has(defs.BIT_OCCLUDED)
    assert pump.refused("resume") == defs.REFUSE_HELD


def test_a_block_across_stop_refill_and_new_rate_is_found_again():
    pump = _blocked()
    pump_rig.fill(pump)
    pump.do("ack")
    pump.change("rate", ul_day=2000)
    pump.run(pump_rig.MINUTE)
    pump.do("start")
    count = pump.controller.account.strokes
    pump.run(30 * 10800)
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    assert pump.controller.account.strokes - count <= 20


def test_the_absolute_limit_stops_at_once_and_clears_an_eighth_below():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(20700)
    pump.board.pressure.pa = 69000
    pump.run(250)
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    assert pump.controller.alarms.top == defs.ALARM_PRESSURE_LIMIT
    pump.board.pressure.pa = 60375
    pump.run(2000)
    assert pump.app.conditions.has(defs.BIT_PRESSURE_HIGH)
    pump.board.pressure.pa = 60374
    pump.run(2000)
    assert not pump.app.conditions.has(defs.BIT_PRESSURE_HIGH)


def test_just_below_the_limit_is_no_alarm():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.board.pressure.stroke_pa = 0
    pump.board.pressure.pa = 68999
    pump.run(pump_rig.HOUR)
    assert pump.controller.supervisor.state == defs.STATE_INFUSING


def test_pressure_and_stroke_found_in_one_late_step_begin_no_stroke():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(20700)
    pump.board.pressure.pa = 72000
    pump.board.clock.now += 950  # the loop was late: the samples and the stroke are due together
    pump.run(0)
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    assert pump.board.drive.strokes == 0


def test_a_dead_sensor_is_an_alarm_and_delivery_goes_on():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(pump_rig.MINUTE)
    pump.board.pressure.off = True
    pump.run(pump_rig.HOUR - pump_rig.MINUTE)
    assert pump.controller.alarms.top == defs.ALARM_PRESSURE_SENSOR
    assert pump.controller.monitor.input.pressure_pa is None
    assert pump.controller.account.strokes == pump_rig.strokes_due([(1000, pump_rig.HOUR)])
    pump.board.pressure.off = False
    pump.run(pump_rig.MINUTE)
    assert not pump.app.conditions.noted(defs.NOTE_PRESSURE_BLIND)
    assert pump.ask("status")["pressure_pa"] == pump_rig.REST_PA


def _sample(pump, count):
    """Lets time pass until so many more samples were taken at rest; the milliseconds that it took."""
    reads = pump.board.pressure.reads + count
    span_ms = 0
    while pump.board.pressure.reads < reads:
        pump.run(50)
        span_ms += 50
    return span_ms


def test_at_rest_seven_bad_readings_are_no_alarm_and_a_good_one_does_not_hide_the_next():
    pump = pump_rig.Pump()
    pump.run(10000)
    pump.board.pressure.off = True
    assert _sample(pump, 7) <= 2000 + 6 * 250
    pump.board.pressure.off = False
    _sample(pump, 8)
    pump.board.pressure.off = True
    assert not pump.app.conditions.noted(defs.NOTE_PRESSURE_BLIND)
    _sample(pump, 2)
    assert pump.app.conditions.noted(defs.NOTE_PRESSURE_BLIND)
    assert _sample(pump, 2) >= 2000  # it has been decided


def test_values_that_no_line_can_have_count_as_bad():
    for garbage in (-20001, 250001, 1 << 30, -(1 << 31)):
        pump = pump_rig.Pump()
        pump.board.pressure.pa = garbage
        pump.run(7000)
        assert pump.app.conditions.noted(defs.NOTE_PRESSURE_BLIND)
        assert not pump.app.conditions.has(defs.BIT_PRESSURE_HIGH)


def test_a_blind_sensor_frees_no_block():
    pump = _blocked()
    pump.board.pressure.off = True
    pump.run(pump_rig.HOUR)
    assert pump.app.conditions.has(defs.BIT_OCCLUDED)


def test_at_rest_it_samples_every_two_seconds_and_sums_nothing_up():
    pump = pump_rig.Pump()
    pump.run(10000)
    assert pump.board.pressure.reads == 5


def test_one_high_sample_left_of_a_pause_is_not_mixed_into_the_next_stroke():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(pump_rig.MINUTE)
    pump.run(4200)  # 600 ms before a stroke
    pump.board.pressure.pa = 60000
    pump.do("pause")
    pump.run(20000)
    pump.board.pressure.pa = pump_rig.REST_PA
    pump.do("resume")
    pump.run(10 * pump_rig.MINUTE)
    assert pump.ask("status")["baseline_pa"] == pump_rig.REST_PA


def test_fluid_that_does_not_arrive_stops_until_acknowledged_whatever_the_pressure_says():
    for off in (False, True):
        pump = pump_rig.infuse(pump_rig.Pump(), 1000)
        pump.run(pump_rig.HOUR)
        pump.board.pressure.off = off
        pump.run(pump_rig.MINUTE)
        pump.controller.monitor.report_no_flow()
        pump.run(pump_rig.HOUR)
        assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
        assert pump.controller.alarms.top == defs.ALARM_OCCLUSION
        assert pump.app.conditions.has(defs.BIT_OCCLUDED)
        assert pump.controller.monitor.trace.alarm == defs.ALARM_OCCLUSION
        pump.do("ack")
        pump.do("resume")
        pump.run(pump_rig.MINUTE)
        assert pump.controller.supervisor.state == defs.STATE_INFUSING
        assert not pump.app.conditions.has(defs.BIT_OCCLUDED)
