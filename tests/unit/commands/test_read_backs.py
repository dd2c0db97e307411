"""What a change of the delivery or the contents reads back, and the limits up to which it is accepted."""

import pump_rig
from pump import defs


def _filled(volume_nl=16000000, **board):
    """In standby, without a plan."""
    pump = pump_rig.Pump(**board)
    pump.run(0)
    pump_rig.fill(pump, volume_nl)
    return pump


def _told(answer, *names):
    return tuple(answer[name] for name in names)


# ---- start, rate and plan


def test_without_a_plan_nothing_starts_and_no_rate_is_set():
    pump = _filled()
    answer = pump.ask("start")
    assert (answer["refused"], answer["bits"]) == (defs.REFUSE_HELD, defs.BIT_PLAN_MISSING)
    assert pump.refused("rate", ul_day=1000) == defs.REFUSE_PLAN_MISSING


def test_a_plan_that_the_drive_no_longer_makes_does_not_start():
    pump = _filled()
    pump.change("therapy_set", **pump_rig.plan(24000))
    pump.controller.set_param(defs.PARAM_STEP_INTERVAL_US, 10000)  # unchecked, as older firmware may have left it
    answer = pump.ask("start")
    assert (answer["refused"], answer["value"]) == (defs.REFUSE_STROKE_TOO_SLOW, 24000)


# A stroke of 100 steps takes 10.001 s: with the lowest trim, 225 nL in twice that are 971 uL/day.
_SLOW = {"step_interval_us": 100000, "bolus_rate_ul_day": 50, "bolus_lockout_min": 1}


def test_rates_and_boluses_are_accepted_up_to_what_the_drive_can_make_together():
    pump = pump_rig.infuse(pump_rig.Pump(**_SLOW), 900)
    answer = pump.ask("rate", ul_day=972)
    assert (answer["refused"], answer["value"]) == (defs.REFUSE_STROKE_TOO_SLOW, 972)
    pump.do("rate", ul_day=971)
    pump.change("bolus", volume_nl=10000)
    answer = pump.ask("rate", ul_day=922)
    assert (answer["refused"], answer["value"]) == (defs.REFUSE_STROKE_TOO_SLOW, 972)
    pump.change("rate", ul_day=921)
    pump.do("bolus_cancel")
    pump.change("rate", ul_day=922)
    pump.run(2 * pump_rig.MINUTE)
    answer = pump.ask("bolus", volume_nl=10000)
    assert (answer["refused"], answer["value"]) == (defs.REFUSE_STROKE_TOO_SLOW, 972)


def test_the_same_rate_again_needs_no_confirmation():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    assert pump.do("rate", ul_day=1000)["draft"] is None
    assert pump.do("rate", ul_day=1001)["draft"] is not None


def test_a_rate_whose_phase_is_over_holds_for_no_more_time():
    rows = [[defs.FLUID_SALINE, 50, 0, 1], [defs.FLUID_DRUG, 50, 1, 1]]
    pump = pump_rig.infuse(pump_rig.Pump(), fields={"profile": "intrahepatic", "rows": rows})
    for after_ms, holds_s in ((0, 3600), (pump_rig.HOUR - 1000, 1), (1000, 0), (1000, 0)):
        pump.run(after_ms)
        assert pump.do("rate", ul_day=50)["new"]["holds_s"] == holds_s


def test_a_plan_reads_back_its_first_rate_and_all_its_phases_beside_the_plan_before():
    pump = _filled()
    rows = [[1, 700, 0, 100], [2, 900, 100, 200], [1, 800, 300, 200]]
    answer = pump.change("therapy_set", profile="intrahepatic", rows=rows, cycles=3, repeat_from=1)
    assert answer["old"] == {"profile": None, "rate_ul_day": 0, "phases": 0}
    assert _told(answer["new"], "profile", "rate_ul_day", "phases") == ("intrahepatic", 700, 7)
    pump.change("therapy_set", **pump_rig.plan(600))
    answer = pump.do("therapy_set", profile="intrahepatic", rows=rows)
    assert answer["old"] == {"profile": "continuous", "rate_ul_day": 600, "phases": 1}
    assert answer["new"]["phases"] == 3


def test_a_volume_below_a_stroke_is_refused_with_the_least_that_gives_one():
    pump = pump_rig.infuse(pump_rig.Pump(pl_per_step=2501))  # 250.1 nL a stroke
    answer = pump.ask("bolus", volume_nl=250)
    assert _told(answer, "refused", "min", "max") == (defs.REFUSE_OUT_OF_RANGE, 251, 100000)
    assert pump.do("bolus", volume_nl=251)["new"]["volume_nl"] == 250
    pump.do("stop")
    fields = pump_rig.plan(profile="timed")
    answer = pump.ask("therapy_set", volume_nl=250, **fields)
    assert _told(answer, "refused", "field", "min") == (defs.REFUSE_OUT_OF_RANGE, "volume_nl", 251)
    pump.do("therapy_set", volume_nl=251, **fields)


# ---- bolus and prime


def test_a_bolus_reads_back_how_long_it_lasts():
    pump = pump_rig.infuse(pump_rig.Pump(bolus_rate_ul_day=50))
    assert pump.do("bolus", volume_nl=50000)["new"]["lasts_s"] == 86400


def test_a_bolus_waits_for_the_end_of_the_one_before_and_for_the_lock_out():
    pump = pump_rig.infuse(pump_rig.Pump(bolus_lockout_min=1))
    pump.change("bolus", volume_nl=50000)  # it lasts 6 minutes
    pump.run(2 * pump_rig.MINUTE)
    assert pump.do("dose")["lockout_s"] == 0
    answer = pump.ask("bolus", volume_nl=1000)
    assert _told(answer, "refused", "lockout_s", "boluses_left") == (defs.REFUSE_LOCKED_OUT, 0, 3)
    pump.do("bolus_cancel")
    pump.change("bolus", volume_nl=1000)
    pump.do("bolus_cancel")
    answer = pump.ask("bolus", volume_nl=1000)
    assert _told(answer, "refused", "boluses_left") == (defs.REFUSE_LOCKED_OUT, 2)
    assert answer["lockout_s"] >= 60


def test_a_prime_may_take_all_that_is_above_the_empty_mark():
    pump = _filled(600000)
    answer = pump.ask("prime", volume_nl=100250, purpose="prime")
    assert _told(answer, "refused", "max") == (defs.REFUSE_OVER_RESERVOIR, 100000)
    assert pump.do("prime", volume_nl=100000, purpose="prime")["new"]["volume_nl"] == 100000


def test_a_prime_is_granted_up_to_the_limit_of_the_hour():
    kept_nl = 2120  # to keep the line open: 50 uL/day for 61 minutes, in steps of 8 nL
    limit_nl = 80000 + kept_nl + 250 + 8  # and a stroke under way; 8 nL for the basal rate, rounded up
    for less_nl, granted in ((0, True), (1, False)):
        pump = _filled(hour_limit_nl=limit_nl - less_nl, keep_open_ul_day=50)
        assert pump.ask("prime", volume_nl=80000, purpose="prime")["ok"] is granted


# ---- refill


def test_a_refill_reads_back_the_times_at_the_rate_to_come():
    pump = _filled()
    rows = [[defs.FLUID_SALINE, 1000, 0, 1], [defs.FLUID_DRUG, 50, 1, 1]]
    pump.change("therapy_set", profile="intrahepatic", rows=rows)
    pump.do("start")
    pump.run(1000)
    answer = pump_rig.fill(pump, 16000000, "drug", early=True)
    assert answer["new"] == {
        "volume_nl": 16000000, "fluid": "drug", "phase": 1,
        "hold_over_s": 300 * 86400 // 50,  # of the dead volume of 0.3 mL
        "left_s": 15500 * 86400 // 50,
        "refill_in_s": 14000 * 86400 // (50 + 4 * 100),
    }  # fmt: skip


def test_the_next_fluid_is_too_early_until_the_last_second_of_the_phase_has_passed():
    rows = [[defs.FLUID_SALINE, 50, 0, 1], [defs.FLUID_DRUG, 50, 1, 1]]
    for span_ms, refusal in ((pump_rig.HOUR - 500, defs.REFUSE_PHASE_NOT_OVER), (pump_rig.HOUR, None)):
        pump = pump_rig.infuse(pump_rig.Pump(), fields={"profile": "intrahepatic", "rows": rows})
        pump.run(span_ms)
        pump.do("refill_withdrawn", volume_nl=pump.do("refill_begin")["ledger_nl"])
        assert pump.ask("refill_finish", volume_nl=9000000, fluid="drug").get("refused") == refusal
