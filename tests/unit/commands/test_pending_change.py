"""Changes in two steps: what is read back, what confirms it, what discards it (C1, C2, C3)."""

import pump_rig
from pump import defs
from pump.link import wire

REQUIREMENTS = ("V1", "C1", "C2", "C3")


def _pump():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.heard()
    return pump


def test_a_higher_rate_changes_nothing_until_it_is_confirmed():
    pump = _pump()
    answer = pump.do("rate", ul_day=2000)
    assert (answer["old"], answer["new"]["rate_ul_day"]) == ({"rate_ul_day": 1000}, 2000)
    assert answer["new"]["left_s"] == 15500 * 86400 // 2000
    pump.run(pump_rig.MINUTE)
    assert pump.controller.delivery.rate_ul_day == 1000
    assert pump.do("draft")["command"] == "rate"
    assert pump.confirm(answer)["done"] == "rate"
    assert pump.controller.delivery.rate_ul_day == 2000
    assert pump.do("draft")["draft"] is None


def test_a_lower_rate_is_set_at_once_with_the_same_read_back():
    pump = _pump()
    answer = pump.do("rate", ul_day=500)
    assert (answer["draft"], answer["code"]) == (None, None)
    assert (answer["old"]["rate_ul_day"], answer["new"]["rate_ul_day"]) == (1000, 500)
    assert pump.controller.delivery.rate_ul_day == 500


def test_the_code_is_bound_to_what_was_read_back():
    pump = _pump()
    codes = []
    for ul_day in (2000, 2000, 2001):
        answer = pump.do("rate", ul_day=ul_day)
        read_back = [
            ("draft", answer["draft"]), ("command", "rate"), ("old", [("rate_ul_day", 1000)]),
            ("new", [("rate_ul_day", ul_day), ("left_s", answer["new"]["left_s"]), ("holds_s", None)]),
        ]  # fmt: skip
        assert answer["code"] == wire.crc(wire.body(read_back)) & 0x3FFFFFFF
        codes.append(answer["code"])
    assert codes[0] != codes[1] != codes[2] != codes[0]


def test_another_code_or_number_confirms_nothing_and_the_draft_stays():
    pump = _pump()
    first = pump.do("rate", ul_day=2000)
    answer = pump.do("rate", ul_day=3000)
    assert pump.refused("confirm", draft=first["draft"], code=first["code"]) == defs.REFUSE_NO_DRAFT
    assert pump.refused("confirm", draft=answer["draft"], code=first["code"]) == defs.REFUSE_WRONG_CODE
    assert pump.refused("confirm", draft=answer["draft"], code=answer["code"] ^ 1) == defs.REFUSE_WRONG_CODE
    assert pump.controller.delivery.rate_ul_day == 1000
    pump.confirm(answer)
    assert pump.controller.delivery.rate_ul_day == 3000
    assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_NO_DRAFT
    assert pump.logged(defs.EVENT_DRAFT_DROPPED) == [[first["draft"], defs.DROP_REASON_REPLACED]]


def test_a_draft_warns_after_five_minutes_and_is_gone_after_ten():
    pump = _pump()
    answer = pump.do("rate", ul_day=2000)
    pump.run(5 * pump_rig.MINUTE - 1)
    assert pump.controller.alarms.top == 0
    pump.run(1)
    assert pump.controller.alarms.top == defs.ALARM_DRAFT_WAITING
    assert pump.do("draft")["age_s"] == 300
    pump.run(5 * pump_rig.MINUTE - 1)
    assert pump.app.dispatcher.pending.number == answer["draft"]
    pump.run(1)
    assert (pump.app.dispatcher.pending.number, pump.controller.alarms.top) == (0, 0)
    assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_NO_DRAFT
    assert pump.logged(defs.EVENT_DRAFT_DROPPED) == [[answer["draft"], defs.DROP_REASON_EXPIRED]]
    assert pump.controller.delivery.rate_ul_day == 1000


def test_a_draft_that_waited_long_can_still_be_confirmed_and_its_alarm_ends():
    pump = _pump()
    answer = pump.do("bolus", volume_nl=10000)
    pump.run(9 * pump_rig.MINUTE)
    assert pump.controller.alarms.top == defs.ALARM_DRAFT_WAITING
    pump.confirm(answer)
    assert pump.controller.alarms.top == 0
    assert pump.controller.delivery.bolus_left == 40


def test_a_user_can_cancel_it():
    pump = _pump()
    answer = pump.do("rate", ul_day=2000)
    pump.do("draft_drop")
    assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_NO_DRAFT
    assert pump.refused("draft_drop") == defs.REFUSE_NOTHING_TO_DO
    pump.run(11 * pump_rig.MINUTE)
    assert len(pump.logged(defs.EVENT_DRAFT_DROPPED)) == 1


def test_a_pending_change_that_is_no_longer_valid_is_refused_and_dropped():
    pump = _pump()
    answer = pump.do("bolus", volume_nl=10000)
    pump.do("pause")
    assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_WRONG_STATE
    assert pump.app.dispatcher.pending.number == 0
    pump.do("resume")
    assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_NO_DRAFT
    assert pump.logged(defs.EVENT_DRAFT_DROPPED) == [[answer["draft"], defs.DROP_REASON_NO_LONGER_FITS]]
    assert pump.controller.delivery.bolus_left == 0


def test_an_old_value_that_has_changed_since_undoes_the_draft():
    pump = _pump()
    answer = pump.do("rate", ul_day=2000)
    pump.do("rate", ul_day=500)
    assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_DRAFT_CHANGED
    assert pump.controller.delivery.rate_ul_day == 500
    assert pump.app.dispatcher.pending.number == 0


def test_a_bolus_is_never_given_at_another_rate_than_the_one_that_was_read_back():
    pump = _pump()
    answer = pump.do("bolus", volume_nl=10000)
    assert answer["new"]["ul_day"] == 12000
    pump.controller.params.put(defs.PARAM_BOLUS_RATE_UL_DAY, 50)  # by whatever way
    assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_DRAFT_CHANGED
    assert (pump.controller.delivery.bolus_left, pump.app.dispatcher.pending.number) == (0, 0)
    assert pump.logged(defs.EVENT_DRAFT_DROPPED) == [[answer["draft"], defs.DROP_REASON_NO_LONGER_FITS]]
    assert pump.do("dose")["boluses_left"] == 4
    again = pump.do("bolus", volume_nl=10000)
    assert (again["new"]["ul_day"], again["new"]["lasts_s"]) == (50, 17280)
    pump.confirm(again)
    assert pump.controller.delivery.flow_ul_day == 1050


def test_a_prime_is_never_given_at_another_rate_than_the_one_that_was_read_back():
    for purpose in defs.PURPOSE_NAMES:
        pump = _pump()
        pump.do("stop")
        answer = pump.do("prime", volume_nl=10000, purpose=purpose)
        assert answer["new"]["ul_day"] == 24000
        pump.do("param_set", name="prime_rate_ul_day", value=1000)
        assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_DRAFT_CHANGED
        pump.run(pump_rig.MINUTE)
        assert (pump.controller.supervisor.state, pump.board.drive.strokes) == (defs.STATE_STANDBY, 0)


def test_a_bolus_whose_strokes_got_another_volume_by_the_trim_is_read_back_anew():
    pump = _pump()
    answer = pump.do("bolus", volume_nl=10000)
    pump.controller.delivery.set_trim(-100000)
    assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_DRAFT_CHANGED
    assert pump.controller.delivery.bolus_left == 0


_WAITING = {
    "bolus": {"volume_nl": 10000},
    "refill_finish": {"volume_nl": 10000000, "fluid": "saline"},
    "rate": {"ul_day": 2000},
    "therapy_set": pump_rig.plan(2000),
    "prime": {"volume_nl": 10000, "purpose": "bridge"},
    "param_set": {"name": "bolus_max_nl", "value": 200000},
}


def _ready_for(name):
    """A pump in a state in which this command is allowed."""
    pump = _pump()
    if name == "refill_finish":
        pump.do("refill_withdrawn", volume_nl=pump.do("refill_begin")["ledger_nl"])
    elif name != "bolus":
        pump.do("stop")
    return pump


def test_whatever_is_set_at_once_meanwhile_drops_the_change_that_waits():
    for name, fields in _WAITING.items():
        pump = _ready_for(name)
        dropped = 0
        for number, (other, _, _, default, _, raises) in enumerate(defs.PARAMS):
            answer = pump.do(name, **fields)
            low, high = pump.controller.params.limits(number)
            value = max(low, default - 1) if raises != defs.RAISES_DOWN else min(high, default + 1)
            if value == default or pump.ask("param_set", name=other, value=value).get("draft", 0) is not None:
                continue  # not at once, or not in this state
            pump.refused("confirm", draft=answer["draft"], code=answer["code"])
            assert pump.logged(defs.EVENT_DRAFT_DROPPED)[-1] == [answer["draft"], defs.DROP_REASON_NO_LONGER_FITS]
            delivery = pump.controller.delivery
            assert (pump.app.dispatcher.pending.number, delivery.rate_ul_day) == (0, 1000)
            assert delivery.bolus_left == delivery.prime_left == 0
            dropped += 1
        assert dropped >= 2, name


def test_a_phase_that_begins_by_itself_meanwhile_drops_the_change_that_waits():
    for second_ul_day in (1000, 500):  # the same rate, too: the change would hold for another time
        for name, fields in (("rate", {"ul_day": 2000}), ("bolus", {"volume_nl": 10000})):
            rows = [[defs.FLUID_SALINE, 1000, 0, 1], [defs.FLUID_SALINE, second_ul_day, 1, 0]]
            plan = {"profile": "continuous", "rows": rows, "override": "soft_rate"}
            pump = pump_rig.infuse(pump_rig.Pump(), fields=plan)
            pump.run(59 * pump_rig.MINUTE)
            answer = pump.do(name, **fields)
            pump.run(2 * pump_rig.MINUTE)
            assert pump.controller.plan.phase == 1
            assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_DRAFT_CHANGED
            delivery = pump.controller.delivery
            assert (delivery.rate_ul_day, delivery.bolus_left) == (second_ul_day, 0)


def test_a_limit_that_was_lowered_meanwhile_counts_at_the_confirmation():
    pump = _pump()
    pump.do("stop")
    answer = pump.do("rate", ul_day=3500)
    pump.do("param_set", name="soft_rate_ul_day", value=3000)
    assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_SOFT_LIMIT
    assert pump.controller.delivery.rate_ul_day == 1000


def test_soft_limits_need_their_own_name_and_the_override_is_logged():
    pump = _pump()
    for override in ("none", "soft_bolus"):
        answer = pump.ask("rate", ul_day=4001, override=override)
        assert (answer["refused"], answer["max"], answer["override"]) == (defs.REFUSE_SOFT_LIMIT, 4000, "soft_rate")
    assert pump.app.dispatcher.pending.number == 0
    pump.change("rate", ul_day=4000, override="soft_rate")
    assert pump.logged(defs.EVENT_OVERRIDE) == []
    pump.change("rate", ul_day=4001, override="soft_rate")
    assert pump.logged(defs.EVENT_OVERRIDE) == [[defs.OVERRIDE_SOFT_RATE, 4001]]
    assert pump.refused("bolus", volume_nl=50001) == defs.REFUSE_SOFT_LIMIT
    pump.change("bolus", volume_nl=50250, override="soft_bolus")
    assert pump.logged(defs.EVENT_OVERRIDE)[1:] == [[defs.OVERRIDE_SOFT_BOLUS, 50250]]


def test_hard_limits_are_refused_whatever_the_override():
    pump = _pump()
    assert pump.refused("rate", ul_day=24001, override="soft_rate") == defs.REFUSE_OUT_OF_RANGE
    assert pump.refused("bolus", volume_nl=100001, override="soft_bolus") == defs.REFUSE_OUT_OF_RANGE
    pump.do("stop")
    assert pump.refused("therapy_set", **pump_rig.plan(24001)) == defs.REFUSE_OUT_OF_RANGE
    assert pump.refused("prime", volume_nl=1000001, purpose="prime") == defs.REFUSE_OUT_OF_RANGE


def test_every_parameter_waits_where_it_can_raise_the_dose_and_only_there():
    pump = _pump()
    pump.do("stop")
    for number, (name, _, _, default, states, raises) in enumerate(defs.PARAMS):
        if not states >> defs.STATE_STANDBY & 1:
            continue
        low, high = pump.controller.params.limits(number)
        for value in (default - 1, default + 1):
            if not low <= value <= high or not pump.controller.params.stroke_fits(number, value):
                continue
            up = value > default
            waits = raises == defs.RAISES_ANY or raises == (defs.RAISES_UP if up else defs.RAISES_DOWN)
            answer = pump.do("param_set", name=name, value=value)
            assert (answer["old"], answer["new"]) == ({name: default}, {name: value})
            assert (answer["draft"] is not None) == waits, name
            assert pump.controller.params.get(number) == (default if waits else value)
            pump.controller.params.put(number, default)
    assert pump.logged(defs.EVENT_DRAFT)


def test_another_calibration_waits_for_the_button_too_and_no_earlier_press_counts():
    pump = pump_rig.Pump()
    pump.run(0)
    button = pump.board.button
    presses = []

    def pressed():
        return presses.pop() if presses else False

    button.pressed = pressed
    presses.append(True)  # before the request
    answer = pump.do("param_set", name="pl_per_step", value=200)
    assert answer["new"] == {"pl_per_step": 200, "press_button": True}
    confirm = {"draft": answer["draft"], "code": answer["code"]}
    for _ in range(3):
        assert pump.refused("confirm", **confirm) == defs.REFUSE_BUTTON_NEEDED
        assert pump.controller.params.get(defs.PARAM_PL_PER_STEP) == 2500
    assert pump.do("draft")["draft"] == answer["draft"]  # it still waits
    presses.append(True)
    pump.do("confirm", **confirm)
    assert pump.controller.params.get(defs.PARAM_PL_PER_STEP) == 200
    assert pump.refused("confirm", **confirm) == defs.REFUSE_NO_DRAFT


def test_a_calibration_within_twenty_percent_waits_for_its_confirmation_alone_and_cannot_walk_away():
    pump = pump_rig.Pump()
    pump.run(0)
    for value in (2750, 3000, 2600, 2100, 2000):
        answer = pump.do("param_set", name="pl_per_step", value=value)
        assert answer["new"] == {"pl_per_step": value}
        pump.confirm(answer)
    for value in (1999, 1700, 3001):
        answer = pump.do("param_set", name="pl_per_step", value=value)
        assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_BUTTON_NEEDED


def test_a_button_that_fails_is_not_pressed():
    pump = pump_rig.Pump()
    pump.run(0)
    pump.board.button.off = True
    answer = pump.do("param_set", name="pl_per_step", value=200)
    assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_BUTTON_NEEDED


def test_the_backlash_waits_for_its_confirmation_and_is_a_stroke_at_most():
    pump = pump_rig.Pump()
    pump.run(0)
    assert pump.refused("param_set", name="backlash_steps", value=101) == defs.REFUSE_OUT_OF_RANGE
    answer = pump.do("param_set", name="backlash_steps", value=100)
    assert answer["draft"] is not None
    assert pump.controller.params.get(defs.PARAM_BACKLASH_STEPS) == 4
    pump.confirm(answer)
    assert pump.refused("param_set", name="steps_per_stroke", value=99) == defs.REFUSE_OUT_OF_RANGE


def test_changes_are_numbered_from_one_and_logged_with_their_command():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    first = pump.app.dispatcher.pending.number or len(pump.logged(defs.EVENT_DRAFT))
    numbers = [pump.do("rate", ul_day=2000)["draft"] for _ in range(3)]
    assert numbers == [first + 1, first + 2, first + 3]
    logged = pump.logged(defs.EVENT_DRAFT)
    assert [row[0] for row in logged] == list(range(1, len(logged) + 1))
    assert logged[-1] == [numbers[-1], defs.COMMANDS["rate"][0]]
    pump.run(999500)
    pump.do("rate", ul_day=2000)
    pump.run(240000)
    assert pump.do("draft")["age_s"] == 240


def test_the_age_of_a_change_is_in_whole_seconds():
    pump = _pump()
    pump.do("rate", ul_day=2000)
    ages_s = []
    for span_ms in (999, 1, 598400, 599):
        pump.run(span_ms)
        ages_s.append(pump.do("draft")["age_s"])
    assert ages_s == [0, 1, 599, 599]


def test_an_entry_of_what_came_out_drops_the_end_of_that_refill_and_no_other_change():
    for command, fields, dropped in (
        ("refill_finish", _WAITING["refill_finish"], True),
        ("param_set", {"name": "disagreement_nl", "value": 1500000}, False),
    ):
        pump = _ready_for("refill_finish")
        answer = pump.do(command, **fields)
        pump.do("refill_withdrawn", volume_nl=16000000)
        assert pump.do("draft")["draft"] == (None if dropped else answer["draft"])
