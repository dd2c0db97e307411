"""Bolus, prime, keep-open and timed plans of a whole pump: what is refused, what is given, what ends it (D6, D7)."""

import pump_rig
from pump import defs

REQUIREMENTS = ("D4", "D5", "D6", "D7", "D8", "V1")


def _pump(ul_day=1000, **board):
    return pump_rig.infuse(pump_rig.Pump(**board), ul_day)


def _nl(pump):
    return pump.board.drive.moved_nl()


def test_a_bolus_says_what_it_will_really_give_and_leaves_the_basal_count():
    pump = _pump()
    answer = pump.do("bolus", volume_nl=10249)
    assert answer["new"]["volume_nl"] == 10000  # 40 strokes of 250 nL
    assert (answer["new"]["ul_day"], answer["new"]["lasts_s"]) == (12000, 72)
    assert answer["new"]["left_s"] == (15500 - 10) * 86400 // 1000  # of 16 mL, above the empty mark, without the bolus
    assert answer["old"] == {"rate_ul_day": 1000, "bolus_nl": 0}
    pump.confirm(answer)
    assert pump.do("dose")["bolus_left_nl"] == 10000
    pump.run(pump_rig.HOUR)
    assert pump.controller.account.strokes == pump_rig.strokes_due([(1000, pump_rig.HOUR)]) + 40
    assert pump.logged(defs.EVENT_BOLUS) == [[10000, 12000]]
    assert pump.logged(defs.EVENT_BOLUS_ENDED) == [[10000, 10000]]
    assert pump.controller.supervisor.state == defs.STATE_INFUSING
    assert pump.controller.alarms.top == 0


def test_the_lock_out_counts_from_the_beginning_and_the_day_has_so_many():
    pump = _pump()
    for left in (3, 2, 1, 0):
        pump.change("bolus", volume_nl=1000)
        assert pump.do("dose")["boluses_left"] == left
        pump.run(240 * pump_rig.MINUTE - 1)
        if left:
            answer = pump.ask("bolus", volume_nl=1000)
            assert (answer["refused"], answer["lockout_s"]) == (defs.REFUSE_LOCKED_OUT, 2)
        pump.run(1001)
        assert pump.do("dose")["lockout_s"] == 0
    assert pump.refused("bolus", volume_nl=1000) == defs.REFUSE_LOCKED_OUT
    pump.run(8 * pump_rig.HOUR - 6000)
    assert pump.refused("bolus", volume_nl=1000) == defs.REFUSE_LOCKED_OUT
    pump.run(6000)
    pump.change("bolus", volume_nl=1000)


def test_no_bolus_while_an_alarm_is_active_and_an_alarm_cancels_the_rest():
    pump = _pump()
    pump.change("bolus", volume_nl=50000)
    pump.run(pump_rig.MINUTE)
    pump.app.conditions.note(defs.NOTE_LEVEL_BLIND, True)
    pump.run(0)
    given_nl, asked_nl = pump.logged(defs.EVENT_BOLUS_ENDED)[0]
    assert asked_nl == 50000 and 8000 <= given_nl <= 8500
    strokes = pump.controller.account.strokes
    pump.run(pump_rig.HOUR)
    assert pump.controller.account.strokes - strokes in (166, 167)
    pump.run(4 * pump_rig.HOUR)
    answer = pump.ask("bolus", volume_nl=1000)
    assert (answer["refused"], answer["alarm"]) == (defs.REFUSE_ALARM_STANDS, defs.ALARM_LEVEL_SENSOR)


def test_pause_stop_fault_and_cancel_end_the_bolus_with_what_was_given():
    for leave in ("pause", "stop", "refill_begin", "bolus_cancel", "fault"):
        pump = _pump()
        pump.change("bolus", volume_nl=50000)
        pump.run(pump_rig.MINUTE)
        if leave == "fault":
            pump.app.conditions.set(defs.BIT_DRIVE_FAULT)
            pump.run(0)
        else:
            answer = pump.do(leave)
        rows = pump.logged(defs.EVENT_BOLUS_ENDED)
        assert len(rows) == 1 and rows[0][1] == 50000 and 8000 <= rows[0][0] <= 8500, (leave, rows)
        if leave == "bolus_cancel":
            assert answer["given_nl"] == rows[0][0]
            assert pump.refused("bolus_cancel") == defs.REFUSE_NOTHING_TO_DO
        assert pump.controller.delivery.bolus_left == 0
        if leave == "pause":
            pump.do("resume")
            strokes = pump.controller.account.strokes
            pump.run(pump_rig.HOUR)
            assert pump.controller.account.strokes - strokes in (166, 167)


def test_basal_and_bolus_together_stay_within_the_maximum():
    pump = _pump(13000, low_time_h=1)
    answer = pump.ask("bolus", volume_nl=10000)
    assert (answer["refused"], answer["max"]) == (defs.REFUSE_OUT_OF_RANGE, 12000)
    pump = _pump(12000, low_time_h=1)
    pump.change("bolus", volume_nl=10000)
    assert pump.refused("rate", ul_day=12001, override="soft_rate") == defs.REFUSE_OUT_OF_RANGE
    pump.run(pump_rig.HOUR)
    pump.change("rate", ul_day=12001, override="soft_rate")


def test_a_bolus_below_a_stroke_or_beyond_the_limit_of_the_hour_is_refused():
    pump = _pump()
    assert pump.ask("bolus", volume_nl=249)["min"] == 250
    pump = pump_rig.infuse(pump_rig.Pump(hour_limit_nl=70000), 1000)
    assert pump.refused("bolus", volume_nl=40000) == defs.REFUSE_DOSE_LIMIT
    pump.change("bolus", volume_nl=10000)


def test_a_limit_leaves_the_keep_open_rate_and_the_set_rate_comes_back_by_itself():
    pump = pump_rig.infuse(pump_rig.Pump(hour_limit_nl=50000, low_time_h=1), 2000)  # 83 uL in an hour would be too much
    pump.run(40 * pump_rig.MINUTE)
    status = pump.do("status")
    assert status["state"] == defs.STATE_KEEP_OPEN
    assert (status["alarm"], status["rate_ul_day"]) == (defs.ALARM_DOSE_LIMIT, 2000)
    assert pump.controller.guards.rate_ul_day == 200
    waited = 0
    while pump.controller.supervisor.state != defs.STATE_INFUSING:
        assert pump.controller.guards.hour_nl() <= 50000 + 200 * 1000 // 24
        pump.run(pump_rig.MINUTE)
        waited += 1
        assert waited < 60
    assert pump.controller.guards.rate_ul_day == 2000
    assert pump.controller.alarms.top == 0
    assert pump.logged(defs.EVENT_STROKE_CUT) == []


def test_a_keep_open_rate_above_the_set_rate_is_refused():
    pump = _pump()
    pump.do("pause")
    answer = pump.ask("param_set", name="keep_open_ul_day", value=1000)
    assert answer["ok"] is True
    pump.do("rate", ul_day=300)
    answer = pump.ask("param_set", name="keep_open_ul_day", value=301)
    assert (answer["refused"], answer["max"]) == (defs.REFUSE_ABOVE_RATE, 300)


def test_a_timed_plan_ends_in_keep_open_by_its_volume_or_its_time():
    by_volume, by_time = {"volume_nl": 100000}, {"hours": 1}
    for fields in (pump_rig.plan(2000, profile="timed", **by_volume), pump_rig.plan(2000, profile="timed", **by_time)):
        pump = pump_rig.infuse(pump_rig.Pump(), fields=fields)
        pump.run(2 * pump_rig.HOUR)
        assert pump.controller.supervisor.state == defs.STATE_KEEP_OPEN
        assert pump.controller.alarms.top == defs.ALARM_INFUSION_COMPLETE
        assert pump.controller.guards.rate_ul_day == 200
        most_nl = (100000 if "volume_nl" in fields else 83333) + 200 * 2 * 1000 // 24
        assert most_nl - 20000 < _nl(pump) <= most_nl
        pump.do("stop")
        assert pump.ask("start")["bits"] == defs.BIT_PLAN_DONE


def test_a_phase_with_the_same_fluid_begins_by_itself_at_its_own_rate():
    rows = [[1, 1000, 0, 1], [1, 2000, 1, 1], [1, 500, 2, 0]]
    pump = pump_rig.infuse(pump_rig.Pump(), fields={"profile": "continuous", "rows": rows})
    pump.run(3 * pump_rig.HOUR)
    assert pump.logged(defs.EVENT_PHASE) == [[0, 1], [1, 1], [2, 1]]
    assert [row[1] for row in pump.logged(defs.EVENT_RATE)] == [1000, 2000, 500]
    parts = [(1000, pump_rig.HOUR), (2000, pump_rig.HOUR), (500, pump_rig.HOUR)]
    assert pump.controller.account.strokes == pump_rig.strokes_due(parts)


def _standing(**board):
    pump = pump_rig.Pump(**board)
    pump.run(0)
    pump_rig.fill(pump)
    return pump


def test_a_prime_moves_its_volume_apart_from_the_dose_and_ends_in_standby():
    pump = _standing()
    answer = pump.do("prime", volume_nl=100100, purpose="prime")
    assert (answer["new"]["volume_nl"], answer["new"]["purpose"]) == (100000, "prime")
    pump.run(pump_rig.MINUTE)
    assert _nl(pump) == 0
    pump.confirm(answer)
    assert pump.controller.supervisor.state == defs.STATE_PRIMING
    assert pump.do("dose")["bolus_left_nl"] == 100000
    pump.run(pump_rig.HOUR)
    assert pump.controller.supervisor.state == defs.STATE_STANDBY
    assert _nl(pump) == 100000
    account = pump.controller.account
    assert (account.primed.ul, account.strokes, pump.controller.guards.day_nl()) == (100, 0, 100000)
    assert pump.logged(defs.EVENT_PRIME_ENDED) == [[100000, 100000]]
    assert pump.controller.reservoir.ledger_nl() == 15900000
    pump.run(pump_rig.HOUR)
    assert _nl(pump) == 100000


def test_a_bridge_is_part_of_the_dose():
    pump = _standing()
    pump.change("prime", volume_nl=100000, purpose="bridge")
    pump.run(pump_rig.HOUR)
    assert pump.controller.account.delivered.ul == 100
    assert pump.controller.guards.day_nl() == 100000
    pump = _standing(hour_limit_nl=50000)
    for purpose in defs.PURPOSE_NAMES:
        assert pump.refused("prime", volume_nl=60000, purpose=purpose) == defs.REFUSE_DOSE_LIMIT
    pump.do("prime", volume_nl=40000, purpose="prime")


def test_one_confirmation_primes_three_dead_volumes_at_most():
    pump = _standing()
    for purpose in defs.PURPOSE_NAMES:
        answer = pump.ask("prime", volume_nl=900001, purpose=purpose)
        assert (answer["refused"], answer["max"]) == (defs.REFUSE_OUT_OF_RANGE, 900000)
    pump.change("param_set", name="dead_volume_nl", value=10000)
    assert pump.ask("prime", volume_nl=30001, purpose="prime")["max"] == 30000
    pump.do("param_set", name="prime_limit_nl", value=20000)
    assert pump.ask("prime", volume_nl=20001, purpose="prime")["max"] == 20000


def test_primes_one_after_the_other_meet_the_limit_of_the_day():
    given = []
    pump = _standing()
    for _ in range(12):
        answer = pump.ask("prime", volume_nl=900000, purpose="prime")
        if answer["ok"]:
            pump.confirm(answer)
        given.append(answer["ok"])
        pump.run(80 * pump_rig.MINUTE)
    assert given == [True, True] + 10 * [False] and _nl(pump) == 1800000
    assert answer["refused"] == defs.REFUSE_DOSE_LIMIT
    pump.run(9 * pump_rig.HOUR + 20 * pump_rig.MINUTE)
    assert pump.do("dose")["day_nl"] == 900000
    pump.change("prime", volume_nl=900000, purpose="prime")


def test_a_prime_that_meets_the_limit_ends_with_an_alarm():
    pump = _standing()
    pump.change("prime", volume_nl=900000, purpose="prime")
    pump.run(pump_rig.MINUTE)
    pump.controller.guards.given(200000, 0)  # as much as would not have been granted
    pump.run(pump_rig.HOUR)
    status = pump.do("status")
    assert (status["state"], status["alarm"]) == (defs.STATE_STANDBY, defs.ALARM_DOSE_LIMIT)
    (row,) = pump.logged(defs.EVENT_PRIME_ENDED)
    assert row[1] == 900000 and row[0] == _nl(pump) < 900000
    assert pump.do("dose")["hour_nl"] <= pump.do("dose")["hour_limit_nl"]
    assert pump.refused("prime", volume_nl=250, purpose="prime") in (defs.REFUSE_HELD, defs.REFUSE_DOSE_LIMIT)


def test_the_limits_follow_from_the_plan_the_rate_and_the_boluses():
    pump = pump_rig.Pump()
    pump.run(0)
    # The rate and 200 uL/day to keep the line open, half more of both; boluses of 100 uL, primes of 900 uL.
    assert _limits(pump) == (1012500, 2500000)
    pump_rig.infuse(pump, 1000)
    assert _limits(pump) == (1075000, 4000000)
    pump.change("rate", ul_day=2000)
    assert _limits(pump) == (1137500, 5500000)  # the parameter, which is less
    pump.do("rate", ul_day=500)
    assert _limits(pump) == (1075000, 4000000)  # the plan's own rate may come back
    pump.do("stop")
    pump.do("param_set", name="boluses_per_day", value=1)
    assert _limits(pump) == (1075000, 3700000)
    pump.do("param_set", name="prime_limit_nl", value=10000)
    assert _limits(pump) == (185000, 1920000)
    rows = [[1, 1000, 0, 1], [1, 8000, 1, 1], [1, 100, 2, 0]]
    pump.change("therapy_set", profile="continuous", rows=rows, override="soft_rate")
    assert _limits(pump) == (622500, 12420000)


def _limits(pump):
    dose = pump.do("dose")
    return dose["hour_limit_nl"], dose["day_limit_nl"]


def test_a_rate_that_was_lowered_goes_on_whatever_was_given_before():
    pump = _pump(24000, low_time_h=1)
    pump.run(3 * pump_rig.HOUR)  # 3 mL, more than the limit of a day at 1 mL/day
    pump.do("stop")
    pump.change("therapy_set", **pump_rig.plan(1000))
    pump.do("start")
    strokes = pump.controller.account.strokes
    pump.run(pump_rig.DAY)
    assert pump.controller.account.strokes - strokes == 4000
    assert pump.logged(defs.EVENT_ALARM_RAISED) == []


def test_no_keep_open_rate_gets_around_the_limit_of_the_day():
    pump = _pump(2000, keep_open_ul_day=1000, day_limit_nl=100000)
    times = []
    for _ in range(72):
        pump.run(pump_rig.HOUR)
        times.append(_nl(pump))
    assert max(later - earlier for earlier, later in zip(times, times[24:])) <= 100000
    assert times[-1] > 2 * 90000  # and the line stays open


def test_a_stop_ends_a_prime_after_the_stroke():
    pump = _standing()
    pump.change("prime", volume_nl=100000, purpose="prime")
    pump.run(pump_rig.MINUTE)
    pump.say(b"STOP\n")
    pump.run(pump_rig.MINUTE)
    assert pump.controller.supervisor.state == defs.STATE_STANDBY
    (row,) = pump.logged(defs.EVENT_PRIME_ENDED)
    assert row[1] == 100000 and row[0] == _nl(pump) < 20000


def test_nothing_is_primed_from_a_reservoir_of_unknown_contents():
    pump = pump_rig.Pump()
    pump.run(0)
    assert pump.refused("prime", volume_nl=1000, purpose="prime") in (defs.REFUSE_HELD, defs.REFUSE_OVER_RESERVOIR)


def test_under_infusion_raises_an_alarm_and_delivery_goes_on():
    pump = _pump(1000)
    pump.run(pump_rig.HOUR)
    pump.controller.guards.rate(1200, pump.board.clock.now)
    pump.run(pump_rig.HOUR)
    status = pump.do("status")
    assert (status["alarm"], status["state"]) == (defs.ALARM_UNDER_INFUSION, defs.STATE_INFUSING)
    assert pump.controller.account.strokes == pump_rig.strokes_due([(1000, 2 * pump_rig.HOUR)])


def test_uncommanded_steps_and_a_counter_that_fails_stop_the_pump_for_good():
    pump = _pump()
    pump.run(pump_rig.MINUTE)
    pump.board.step_counter.extra += 100
    pump.run(5000)
    assert pump.controller.supervisor.state == defs.STATE_FAULT
    assert pump.controller.alarms.top == defs.ALARM_COUNT_MISMATCH
    pump = _pump()
    pump.board.step_counter.off = True
    pump.run(pump_rig.MINUTE)
    assert pump.controller.supervisor.state == defs.STATE_FAULT


def test_a_supply_that_fails_stops_the_pump():
    pump = _pump()
    pump.board.supply.value = 3500
    pump.run(pump_rig.MINUTE)
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    assert pump.controller.alarms.top == defs.ALARM_SUPPLY_OUT


def test_an_alarm_of_low_priority_lets_a_bolus_run_on_and_one_above_ends_it():
    for note, ends in ((defs.NOTE_RESERVOIR_LOW, False), (defs.NOTE_PRESSURE_BLIND, True)):
        pump = pump_rig.infuse(pump_rig.Pump(), 1000)
        pump.change("bolus", volume_nl=20000)
        pump.run(10000)
        pump.app.conditions.note(note, True)
        pump.run(100)
        assert pump.controller.alarms.top and (pump.controller.delivery.bolus_left == 0) is ends
        assert pump.refused("bolus", volume_nl=1000) == defs.REFUSE_ALARM_STANDS, "none begins during an alarm (D7)"
