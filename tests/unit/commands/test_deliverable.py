"""What is about to run is checked where it begins: a phase, a resume or a restart gets no more than a command (D7)."""

import pump_rig
from persistence_rig import again, new
from pump import defs
from pump.core import ticks

REQUIREMENTS = ("D3", "D7", "S3")
# 24 mL/day in strokes of 250 nL is one in 900 ms; with the lowest trim half of that is 405 ms for 100 steps.
_LONGEST_US = 4040


def _phases(rates, pump=None, **more):
    """A plan of saline whose phases of an hour have these rates, started."""
    rows = [[defs.FLUID_SALINE, ul_day, hour, 1] for hour, ul_day in enumerate(rates)]
    rows[-1][3] = 0
    fields = {"profile": "continuous", "rows": rows, "override": "soft_rate"}
    return pump_rig.infuse(pump or pump_rig.Pump(low_time_h=1, **more), fields=fields)


def _alarms(pump):
    return [row[0] for row in pump.controller.alarms.rows()]


def test_a_phase_that_begins_during_a_bolus_never_makes_more_than_the_maximum():
    for next_ul_day, ends in ((12000, False), (12001, True), (24000, True)):
        pump = _phases((1000, next_ul_day))
        pump.run(pump_rig.HOUR - pump_rig.MINUTE)
        pump.change("bolus", volume_nl=50000)
        pump.run(2 * pump_rig.MINUTE)
        rows = pump.logged(defs.EVENT_BOLUS_ENDED)
        assert pump.controller.delivery.flow_ul_day == (next_ul_day if ends else 24000)
        assert pump.controller.guards.rate_ul_day == pump.controller.delivery.flow_ul_day
        assert len(rows) == ends and _alarms(pump) == ([defs.ALARM_BOLUS_CANCELLED] if ends else [])
        if ends:
            assert 8000 <= rows[0][0] <= 8500 and rows[0][1] == 50000
        strokes = pump.controller.account.strokes
        pump.run(10 * pump_rig.MINUTE)
        most = 10 * 24000 * 4 // 1440 + 1
        assert pump.controller.account.strokes - strokes <= most


def test_a_cancelled_bolus_is_an_alarm_until_it_is_acknowledged():
    pump = _phases((1000, 24000))
    pump.run(pump_rig.HOUR - pump_rig.MINUTE)
    pump.change("bolus", volume_nl=50000)
    pump.run(pump_rig.HOUR)
    assert pump.do("status")["priority"] == defs.PRIORITY_MEDIUM
    assert pump.refused("bolus", volume_nl=1000) == defs.REFUSE_ALARM_STANDS
    pump.do("ack")
    assert _alarms(pump) == []


def test_a_setting_of_the_stroke_that_makes_a_later_phase_too_fast_is_refused():
    pump = _phases((1000, 24000))
    pump.do("stop")
    answer = pump.ask("param_set", name="step_interval_us", value=_LONGEST_US + 10)
    assert (answer["refused"], answer["value"]) == (defs.REFUSE_STROKE_TOO_SLOW, 24000)
    assert pump.refused("param_set", name="pl_per_step", value=200) == defs.REFUSE_STROKE_TOO_SLOW
    pump.change("param_set", name="step_interval_us", value=_LONGEST_US)
    pump.do("start")
    pump.run(2 * pump_rig.HOUR)
    assert pump.controller.delivery.flow_ul_day == 24000 and _alarms(pump) == []


def test_a_plan_with_a_later_phase_that_is_too_fast_is_refused():
    pump = pump_rig.Pump()
    pump.run(0)
    pump.change("param_set", name="step_interval_us", value=4100)
    rows = [[1, 1000, 0, 1], [1, 24000, 1, 1], [1, 1000, 2, 0]]
    fields = {"profile": "continuous", "rows": rows, "override": "soft_rate"}
    assert pump.refused("therapy_set", **fields) == defs.REFUSE_STROKE_TOO_SLOW


def test_without_a_plan_the_slowest_rate_must_be_possible():
    pump = pump_rig.Pump(pl_per_step=25, steps_per_stroke=20000)  # 500 nL: at 50 uL/day one in 864 s
    pump.run(0)
    answer = pump.ask("param_set", name="step_interval_us", value=19440)
    assert (answer["refused"], answer["value"]) == (defs.REFUSE_STROKE_TOO_SLOW, 50)
    pump.change("param_set", name="step_interval_us", value=19439)


def _set_unchecked(pump, name, value):
    """A setting that no command has checked, as an older version may have left it in flash."""
    pump.controller.set_param(getattr(defs, "PARAM_" + name.upper()), value)


def _slow(interval_us, rates=(1000, 24000)):
    pump = _phases(rates)
    pump.do("stop")
    _set_unchecked(pump, "step_interval_us", interval_us)
    return pump


def test_a_phase_that_the_drive_cannot_make_runs_at_the_fastest_rate_that_it_can():
    for interval_us in (4500, 8999, 9000, 10000, 100000):
        pump = _slow(interval_us)
        assert pump.refused("start") == defs.REFUSE_STROKE_TOO_SLOW
        pump.controller.request(defs.REQUEST_START, pump.board.clock.now)
        pump.run(pump_rig.HOUR - pump_rig.MINUTE)
        assert _alarms(pump) == [], interval_us
        pump.run(2 * pump_rig.MINUTE)
        assert _alarms(pump) == [defs.ALARM_RATE_REDUCED]
        delivery = pump.controller.delivery
        stroke_ms = delivery._motion.stroke_ms
        assert 2 * stroke_ms <= delivery.period_ms() <= 2 * stroke_ms + stroke_ms // 10
        strokes = pump.controller.account.strokes
        pump.run(pump_rig.HOUR)
        due = pump_rig.HOUR // delivery.period_ms()
        assert due - 1 <= pump.controller.account.strokes - strokes <= due + 1
        assert _alarms(pump) == [defs.ALARM_RATE_REDUCED] and pump.board.errors == []
        assert pump.board.watchdog.longest_ms <= 5000
        assert (pump.controller.supervisor.state, delivery.rate_ul_day) == (defs.STATE_INFUSING, 24000)
        pump.do("stop")
        pump.run(1000)
        assert _alarms(pump) == []


def test_a_fastest_rate_that_the_trim_moves_about_the_set_one_is_one_alarm():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    delivery = pump.controller.delivery
    seen = []
    for fastest in (1020, 999, 1001, 995, 1005, 1010, 1030):
        delivery._fastest_ul_day = fastest
        delivery._update_flow()
        seen.append(pump.app.conditions.has(defs.BIT_RATE_REDUCED))
        assert delivery.flow_ul_day == min(1000, fastest)
    assert seen == [False, True, True, True, True, True, False]


def test_the_check_holds_for_rate_resume_restart_prime_and_keep_open():
    for begin in ("start", "resume", "retry", "prime", "keep_open", "rate"):
        pump = _slow(100000, (2000, 3000))
        pump.run(1000)
        now = pump.board.clock.now
        delivery = pump.controller.delivery
        if begin == "prime":
            delivery.prime(10, 24000, now, True)
        elif begin == "keep_open":
            delivery.keep_open(2000, now)
        else:
            pump.controller.request(defs.REQUEST_START, now)
            if begin == "resume":
                pump.do("pause")
                pump.do("resume")
            elif begin == "retry":
                pump.app.conditions.set(defs.BIT_OCCLUDED)
                pump.controller.evaluate(now)
                pump.app.conditions.clear(defs.BIT_OCCLUDED)
                assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
                assert pump.controller.request(defs.REQUEST_RETRY, now) == 0
            elif begin == "rate":
                delivery.set_rate(24000, now)
        assert delivery.running and delivery.flow_ul_day == 1079, begin
        assert pump.app.conditions.has(defs.BIT_RATE_REDUCED), begin


def test_the_next_phase_after_a_refill_and_a_resume_after_a_reset_are_checked_too():
    pump = new(resume_policy=1)
    pump_rig.infuse(pump, fields=pump_rig.alternating(2000, hours=1))
    _set_unchecked(pump, "step_interval_us", 100000)
    pump.run(pump_rig.HOUR + pump_rig.MINUTE)
    pump_rig.fill(pump, fluid="drug")
    assert pump.refused("start") == defs.REFUSE_STROKE_TOO_SLOW
    pump.controller.request(defs.REQUEST_START, pump.board.clock.now)
    pump.run(pump_rig.MINUTE)
    assert pump.controller.delivery.flow_ul_day == 1079
    after = again(pump, resume_policy=1)
    after.run(pump_rig.HOUR)
    assert after.controller.supervisor.state == defs.STATE_INFUSING
    assert after.controller.delivery.flow_ul_day == 1079 and defs.ALARM_RATE_REDUCED in _alarms(after)
    assert after.board.watchdog.longest_ms <= 5000


def test_strokes_that_are_late_do_not_keep_the_watchdog_from_being_fed():
    pump = pump_rig.infuse(pump_rig.Pump(low_time_h=1), 24000)
    pump.run(pump_rig.MINUTE)
    pump.board.clock.now = ticks.add(pump.board.clock.now, 8000)  # a stall that the watchdog just bears
    pump.run(pump_rig.MINUTE)
    assert defs.ALARM_LATE in _alarms(pump) and pump.board.errors == []
    assert pump.board.watchdog.longest_ms <= 8100


def test_a_trim_never_makes_a_rate_too_fast_that_was_accepted():
    pump = pump_rig.infuse(pump_rig.Pump(step_interval_us=_LONGEST_US, low_time_h=1), 24000)
    assert pump.controller.delivery.fits(24000)
    pump.controller.delivery.set_trim(-100000)
    pump.do("pause")
    pump.do("resume")
    assert pump.controller.delivery.flow_ul_day == 24000
