"""What the pump loads after a reset: delivered total, plan, settings, alarms and the stroke that was under way."""

import pump_rig
from persistence_rig import again, new
from pump import defs
from pump.core import ticks

REQUIREMENTS = ("D12", "V4", "L2", "L4")


def _book_nl(pump):
    status = pump.do("status")
    return status["book_ul"] * 1000 + status["book_pl"] // 1000


def test_book_ledger_plan_rate_and_settings_outlast_a_reset():
    pump = pump_rig.infuse(new(), 7300)
    pump.change("param_set", name="link_timeout_s", value=77)
    pump.run(pump_rig.HOUR)
    before, plan, dose = pump.do("status"), pump.do("therapy"), pump.do("dose")
    after = again(pump)
    status = after.do("status")
    for name in ("strokes", "book_ul", "book_pl", "ledger_nl", "rate_ul_day", "fluid"):
        assert status[name] == before[name], name
    assert after.do("therapy")["rows"] == plan["rows"]
    assert after.controller.params.get(defs.PARAM_LINK_TIMEOUT_S) == 77
    assert after.do("dose")["hour_nl"] == dose["hour_nl"] and after.do("dose")["day_nl"] == dose["day_nl"]
    assert after.controller.supervisor.state == defs.STATE_STANDBY
    assert after.logged(defs.EVENT_RESET)[-1] == [defs.RESET_POWER_ON, 2]
    after.do("start")
    after.run(pump_rig.HOUR)
    assert after.controller.account.strokes == before["strokes"] + pump_rig.strokes_due([(7300, pump_rig.HOUR)])


def test_the_log_goes_on_over_resets_and_says_which_boot_it_was():
    pump = new()
    for boot in range(1, 6):
        pump.run(1000)
        assert pump.logged(defs.EVENT_RESET) == [[defs.RESET_POWER_ON, number + 1] for number in range(boot)]
        pump = again(pump)
    rows = pump.log()
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))


def test_the_phase_counts_its_time_over_resets_and_none_without_power():
    pump = pump_rig.infuse(new(), fields=pump_rig.alternating(1000, 5))
    pump.run(2 * pump_rig.HOUR)
    left_s = pump.do("therapy")["phase_left_s"]
    after = again(pump)
    assert left_s <= after.do("therapy")["phase_left_s"] <= left_s + 300
    after.do("start")
    after.run(3 * pump_rig.HOUR - 5 * pump_rig.MINUTE)
    assert after.controller.alarms.top != defs.ALARM_REFILL_DUE
    after.run(10 * pump_rig.MINUTE)
    assert after.controller.alarms.top == defs.ALARM_REFILL_DUE


def test_a_plan_by_volume_gives_what_is_left_of_it():
    pump = pump_rig.infuse(new(), fields=pump_rig.plan(24000, profile="timed", volume_nl=100000))
    pump.run(3 * pump_rig.MINUTE)
    given = pump.controller.account.strokes
    assert 0 < given < 400
    after = again(pump)
    after.do("start")
    while not after.app.conditions.has(defs.BIT_PLAN_DONE):
        after.run(450)
    assert after.controller.account.strokes == 400
    third = again(after)
    assert third.app.conditions.has(defs.BIT_PLAN_DONE)
    assert third.refused("start") == defs.REFUSE_HELD


def test_the_lock_out_and_the_count_of_boluses_outlast_a_reset():
    pump = pump_rig.infuse(new(), 1000)
    pump.change("bolus", volume_nl=10000)
    at_once = again(pump)
    assert at_once.do("journal")["unfit"] == "none" and at_once.do("dose")["lockout_s"] >= 240 * 60
    pump.run(pump_rig.HOUR)
    dose = pump.do("dose")
    assert dose["lockout_s"] > 0 and dose["boluses_left"] == 3
    after = again(pump)
    assert dose["lockout_s"] <= after.do("dose")["lockout_s"] <= dose["lockout_s"] + 300
    assert after.do("dose")["boluses_left"] == 3
    after.run(pump_rig.DAY)
    assert after.do("dose")["boluses_left"] == 4


def test_the_dose_of_an_hour_leaves_over_many_resets_as_it_does_without():
    pump = new()
    pump.change("param_set", name="hour_limit_nl", value=50000)
    pump_rig.infuse(pump, 840)  # 35 uL an hour, 43.75 in an hour and a quarter
    used_nl = []
    for _ in range(30):
        pump.run(11 * pump_rig.MINUTE)
        used_nl.append(pump.do("dose")["hour_nl"])
        assert not pump.app.conditions.has(defs.BIT_DOSE_LIMITED), used_nl
        pump = again(pump)
        pump.do("start")
    assert min(used_nl[8:]) >= 35000 and max(used_nl) <= 50000


def test_a_stroke_under_way_when_the_state_was_saved_counts_against_the_limits():
    pump = pump_rig.infuse(new(), 1000)
    pump.run(3 * 21600 + 20)
    assert pump.board.drive.moving() and pump.do("dose")["hour_nl"] == 500
    pump.change("param_set", name="link_timeout_s", value=77)
    assert pump.board.drive.moving()
    dose = again(pump).do("dose")
    assert (dose["hour_nl"], dose["day_nl"]) == (750, 750)


def test_strokes_that_only_the_journal_knows_took_the_time_of_the_fastest_rate():
    pump = pump_rig.infuse(new(), 24000)
    pump.run(290000)
    after = again(pump)
    was, kept = [0] * 12, [0] * 12
    pump.controller.guards.save_to(was, 0)
    after.controller.guards.save_to(kept, 0)
    assert (kept[1], kept[7]) == (was[1], was[7]) and was[6] > 280000
    assert was[0] - 8000 <= kept[0] <= was[0]  # the last stroke's period, and the difference of 278 pL/ms and 24 mL/day


def test_an_alarm_that_was_not_acknowledged_is_shown_after_a_reset_and_holds():
    pump = pump_rig.infuse(new(), 1000)
    pump.app.conditions.set(defs.BIT_OCCLUDED)
    pump.run(1000)
    after = again(pump)
    assert [row[:3] for row in after.controller.alarms.rows()] == [[defs.ALARM_OCCLUSION, 0, 0]]
    assert after.refused("start") == defs.REFUSE_HELD
    after.do("ack")
    after.do("start")
    assert after.controller.alarms.rows() == []
    assert [row[0] for row in again(after).app.controller.alarms.rows()] == [defs.ALARM_DELIVERY_STOPPED]


def test_a_refill_that_a_reset_ends_before_a_withdrawal_leaves_ledger_and_fluid():
    pump = pump_rig.infuse(new(), 1000)
    pump.run(pump_rig.HOUR)
    ledger_nl = pump.do("refill_begin")["ledger_nl"]
    after = again(pump)
    told = after.do("status")
    assert (told["ledger_nl"], told["fluid"]) == (ledger_nl, "saline")
    assert after.controller.supervisor.state == defs.STATE_STANDBY
    assert after.logged(defs.EVENT_REFILL_BROKEN_OFF) == [[0, 0]]
    after.do("start")


def test_a_refill_that_a_reset_ends_after_a_withdrawal_leaves_contents_unknown():
    pump = pump_rig.infuse(new(), 1000)
    pump.run(pump_rig.HOUR)
    ledger_nl = pump.do("refill_begin")["ledger_nl"]
    pump.do("refill_withdrawn", volume_nl=ledger_nl)
    pump = again(pump)
    for after in (pump, again(pump)):  # it outlasts another reset as well
        told = after.do("status")
        assert (told["ledger_nl"], told["fluid"]) == (ledger_nl, "none")
        assert after.logged(defs.EVENT_REFILL_BROKEN_OFF) == [[0, 0]]
        assert after.ask("start")["bits"] == defs.BIT_CONTENTS_UNKNOWN
        assert after.controller.alarms.top == defs.ALARM_REFILL_INCOMPLETE
    after.do("refill_begin")
    after.change("refill_finish", volume_nl=9000000, fluid="saline")
    after.do("start")
    assert again(after).controller.reservoir.ledger_nl() == 9000000


def test_strokes_of_a_prime_stay_out_of_the_delivered_total():
    pump = pump_rig.infuse(new(), 24000)
    pump.run(pump_rig.MINUTE)
    pump.do("stop")
    pump.run(1000)
    delivered_nl, primed = _book_nl(pump), pump.controller.account.primed.pl
    pump.change("prime", volume_nl=20000, purpose="prime")
    pump.run(30000)
    made = pump.controller.account.primed.pl - primed
    assert made > 0
    after = again(pump)
    assert _book_nl(after) == delivered_nl and after.controller.account.primed.pl == primed + made


# ---- a stroke under way ---------------------------------------------------------------------------------------------


def test_a_stroke_under_way_counts_as_given_once_and_is_reported_as_uncertain():
    pump = pump_rig.infuse(new(), 1000)
    pump.run(3 * 21600 + 100)
    assert pump.board.drive.moving()
    after = again(pump)
    assert after.controller.account.strokes == 3
    assert after.logged(defs.EVENT_RECOVERED) == [[0, 1]]
    alarms = [row[0] for row in after.controller.alarms.rows()]
    assert alarms == [defs.ALARM_DELIVERY_STOPPED, defs.ALARM_DOSE_UNCERTAIN]
    after.app.conditions.note(defs.NOTE_DELIVERY_STOPPED, False)
    after.do("ack")
    third = again(after)
    assert third.app.controller.account.strokes == 3 and third.app.controller.alarms.rows() == []
    assert third.logged(defs.EVENT_RECOVERED)[-1] == [0, 0]


# ---- the slack of a reverse -----------------------------------------------------------------------------------------


def _in_reverse():
    """A pump that relieves a blocked line, in the middle of its first stroke in reverse."""
    pump = pump_rig.infuse(new(), 1000)
    pump.run(20 * pump_rig.MINUTE)
    pump.board.pressure.block()
    pump.run_until(lambda: pump.board.drive._back)
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    return pump


def _opened(pump):
    """The same pump after a reset, its line open, started by an operator; the steps of its next two strokes."""
    after = again(pump)
    after.do("ack")
    after.do("start")
    drive, steps = after.board.drive, []
    while len(steps) < 2:
        before = drive.strokes
        after.run(21000)
        after.run_until(lambda before=before: drive.strokes > before)
        steps.append(drive._steps)
    assert not after.app.conditions.has(defs.BIT_COUNT_WRONG)
    return after, steps


def test_the_slack_of_a_reverse_outlasts_a_reset_in_it_and_after_it():
    for span_ms in (0, 1000, pump_rig.MINUTE, 2 * pump_rig.HOUR):
        pump = _in_reverse()
        pump.run(span_ms)
        after, steps = _opened(pump)
        assert steps == [104, 100], span_ms
        assert _opened(after)[1] == [100, 100]


def test_slack_that_a_stroke_has_taken_up_is_not_taken_up_again():
    for span_ms in (0, 100, pump_rig.MINUTE):  # during the motion, and after it
        pump = _in_reverse()
        pump.run(pump_rig.MINUTE)
        pump.board.pressure.unblock()
        pump.do("ack")
        pump.do("resume")
        pump.run_to_stroke()
        assert pump.board.drive._steps == 104
        pump.run(span_ms)
        assert _opened(pump)[1] == [100, 100], span_ms


def test_slack_is_forgotten_with_strokes_that_only_the_journal_knows():
    """Power fails before the state after the stroke is saved."""
    pump = _in_reverse()
    pump.run(pump_rig.MINUTE)
    pump.board.pressure.unblock()
    pump.do("ack")
    pump.do("resume")
    pump.controller.persistence.run = lambda slack_steps: None
    pump.controller.persistence._save = lambda: False
    pump.run_to_stroke()
    assert pump.controller.delivery.slack_steps == 0
    assert _opened(pump)[1] == [100, 100]


def _with_a_trim():
    """A pump that infuses 1 mL/day with a trim of -1 %; its flow sensor is 1.2 nL/s off."""
    pump = pump_rig.infuse(new(flow=pump_rig.Flow()), 1000)
    pump.run(pump_rig.MINUTE)
    pump.controller.trim._zero_pl_s = 1200
    pump.controller.trim._adjust(-20000, -20000)
    pump.run(pump_rig.MINUTE)
    return pump


def test_trim_and_offset_of_the_flow_sensor_outlast_a_reset():
    pump = _with_a_trim()
    assert pump.do("dose")["trim_ppm"] == -10000
    after = again(pump, flow=pump_rig.Flow())
    assert after.do("dose")["trim_ppm"] == -10000
    assert after.controller.trim._zero_pl_s == 1200
    after.do("ack")
    after.do("start")
    times = after.board.drive.times = []
    after.run(2 * pump_rig.MINUTE)
    assert {ticks.diff(later, earlier) for earlier, later in zip(times, times[1:])} <= {21383, 21384, 21385}
    assert again(after, flow=pump_rig.Flow()).do("dose")["trim_ppm"] == -10000


def test_a_trim_ends_with_its_sensor_with_another_volume_of_a_stroke_and_when_it_is_switched_off():
    assert again(_with_a_trim()).do("dose")["trim_ppm"] == 0
    for name, value in (("pl_per_step", 2550), ("flow_trim", 0)):
        pump = _with_a_trim()
        pump.do("stop")
        pump.change("param_set", name=name, value=value)
        assert again(pump, flow=pump_rig.Flow()).do("dose")["trim_ppm"] == 0, name


def test_a_trim_is_not_taken_up_with_settings_that_have_fallen_back():
    pump = _with_a_trim()
    pump.app.conditions.note(defs.NOTE_SETTINGS_OLD, True)
    pump.controller.trim.trim_ppm = 0
    pump.controller.trim.load_from([-10000, 0], 0)
    pump.controller.trim.restore()
    assert pump.controller.trim.trim_ppm == 0


def test_missed_strokes_are_not_made_up_after_a_reset():
    pump = pump_rig.infuse(new(), 1000)
    pump.run(21590)
    after = again(pump)
    after.do("start")
    after.run(21590)
    assert after.board.drive.strokes == 0
    after.run(20)
    assert after.board.drive.strokes == 1


# ---- the cause of the reset -----------------------------------------------------------------------------------------


def test_a_power_on_after_a_falling_supply_was_a_brown_out():
    pump = pump_rig.infuse(new(), 1000)
    pump.board.supply.value = 3800
    pump.run(pump_rig.MINUTE)
    after = again(pump)
    assert after.logged(defs.EVENT_RESET)[-1][0] == defs.RESET_BROWN_OUT
    assert after.do("journal")["reset"] == defs.RESET_BROWN_OUT
    after.run(pump_rig.MINUTE)
    assert again(after).logged(defs.EVENT_RESET)[-1][0] == defs.RESET_POWER_ON


def test_the_time_of_day_is_in_the_log_when_a_host_has_set_it():
    pump = new()
    pump.run(0)
    pump.do("time_set", day=20778, second=43200)
    assert pump.logged(defs.EVENT_TIME_SET) == [[20778, 43200]]
