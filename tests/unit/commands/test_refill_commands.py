"""The refill as a transaction: volume withdrawn, volume filled, fluid; an interrupted one changes nothing."""

import pump_rig
from pump import defs

REQUIREMENTS = ("C1", "V1", "V4", "V5", "V6", "A5")


def _books(pump):
    """The values that only a confirmed refill may change."""
    parts = pump.controller
    store, plan, delivered = parts.reservoir, parts.plan, parts.account.delivered
    return (
        store.ledger_nl(), store.commanded_nl(), store.fluid, store.dead.tip_fluid, store.dead.left_nl(), plan.phase,
        plan.profile, plan.rows, plan.left_s(), parts.delivery.rate_ul_day, delivered.ul, delivered.pl,
        parts.conditions.word, parts.conditions.notes,
    )  # fmt: skip


def test_the_read_back_tells_old_and_new_and_what_follows():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(pump_rig.DAY)
    ledger_nl = pump.do("refill_begin")["ledger_nl"]
    assert ledger_nl == 15000000
    assert pump.refused("refill_finish", volume_nl=20000000, fluid="saline") == defs.REFUSE_NOT_WITHDRAWN
    answer = pump.do("refill_withdrawn", volume_nl=ledger_nl + 20000)
    assert (answer["ledger_nl"], answer["difference_nl"], answer["percent"]) == (ledger_nl, 20000, 2)
    answer = pump.do("refill_finish", volume_nl=20000000, fluid="saline")
    assert answer["old"] == {"volume_nl": ledger_nl, "fluid": "saline", "phase": 0}
    hold_over_s = 0  # the dead volume of 0.3 mL passed on the day before
    left_s = 19500 * 86400 // 1000
    refill_in_s = 18000 * 86400 // (1000 + 4 * 100)  # to the low mark of 2 mL, with four boluses of 0.1 mL a day
    assert answer["new"] == {
        "volume_nl": 20000000, "fluid": "saline", "phase": 0, "hold_over_s": hold_over_s, "left_s": left_s,
        "refill_in_s": refill_in_s,
    }  # fmt: skip
    assert pump.controller.reservoir.ledger_nl() == ledger_nl
    pump.confirm(answer)
    assert pump.controller.reservoir.ledger_nl() == 20000000
    assert pump.controller.supervisor.state == defs.STATE_STANDBY
    assert pump.logged(defs.EVENT_WITHDRAWN)[-1] == [ledger_nl + 20000, 20000]
    dose = pump.do("dose")
    assert (dose["hold_over_s"], dose["refill_in_s"]) == (hold_over_s, refill_in_s)
    assert pump.do("status")["left_s"] == left_s


def test_a_change_of_fluid_reports_the_time_of_the_old_fluid_and_waits_for_a_start():
    pump = pump_rig.infuse(pump_rig.Pump(), fields=pump_rig.alternating(1000, hours=24))
    pump.run(pump_rig.DAY)
    answer = pump_rig.fill(pump, 16000000, "drug")
    assert answer["new"]["phase"] == 1
    assert answer["new"]["hold_over_s"] == 300 * 86400 // 1000
    strokes = pump.board.drive.strokes
    pump.run(pump_rig.HOUR)
    assert (pump.board.drive.strokes, pump.controller.supervisor.state) == (strokes, defs.STATE_STANDBY)
    dose = pump.do("dose")
    assert (dose["tip_fluid"], dose["hold_over_s"]) == ("saline", 300 * 86400 // 1000)
    pump.do("start")
    pump.run(8 * pump_rig.HOUR)
    assert pump.do("dose")["tip_fluid"] == "drug"
    assert pump.logged(defs.EVENT_PRIME) == []


def test_a_refill_that_is_cancelled_before_a_withdrawal_leaves_all_as_it_was():
    pump = pump_rig.infuse(pump_rig.Pump(), fields=pump_rig.alternating(1000, hours=1))
    pump.run(2 * pump_rig.HOUR)
    pump.do("pause")
    before = _books(pump)
    pump.do("refill_begin")
    pump.do("refill_cancel")
    assert pump.controller.supervisor.state == defs.STATE_STANDBY
    assert _books(pump) == before
    assert pump.logged(defs.EVENT_REFILL_BROKEN_OFF) == [[0, 0]]


def test_a_refill_that_is_cancelled_after_a_withdrawal_leaves_contents_unknown_until_they_are_entered():
    for steps in range(4):
        pump = pump_rig.infuse(pump_rig.Pump(), fields=pump_rig.alternating(1000, hours=1))
        pump.run(2 * pump_rig.HOUR)
        before = _books(pump)[:12]
        ledger_nl = pump.do("refill_begin")["ledger_nl"]
        pump.do("refill_withdrawn", volume_nl=ledger_nl)
        if steps > 0:
            answer = pump.do("refill_finish", volume_nl=20000000, fluid="drug")
        if steps > 1:
            pump.refused("confirm", draft=answer["draft"], code=answer["code"] ^ 1)
        if steps > 2:
            pump.do("draft_drop")
        pump.do("refill_cancel")
        assert _books(pump)[:12] == before, "ledger, line, plan and totals stay"
        assert pump.controller.supervisor.state == defs.STATE_STANDBY and pump.do("status")["fluid"] == "none"
        assert defs.ALARM_REFILL_INCOMPLETE in [row[0] for row in pump.controller.alarms.rows()]
        pump.do("ack")
        assert pump.ask("start")["bits"] == defs.BIT_CONTENTS_UNKNOWN
        if steps > 0:
            assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_NO_DRAFT
        pump.do("refill_begin")
        answer = pump.change("refill_finish", volume_nl=8000000, fluid="saline")
        assert answer["old"]["fluid"] == "none"
        assert pump.controller.reservoir.ledger_nl() == 8000000 and pump.do("status")["fluid"] == "saline"
        assert defs.ALARM_REFILL_INCOMPLETE not in [row[0] for row in pump.controller.alarms.rows()]
        pump.do("start")


def test_an_expired_draft_of_a_refill_changes_nothing_and_the_refill_goes_on():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    ledger_nl = pump.do("refill_begin")["ledger_nl"]
    pump.do("refill_withdrawn", volume_nl=ledger_nl)
    before = _books(pump)
    answer = pump.do("refill_finish", volume_nl=20000000, fluid="saline")
    pump.run(10 * pump_rig.MINUTE)
    assert _books(pump) == before
    assert pump.controller.supervisor.state == defs.STATE_REFILLING
    assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_NO_DRAFT
    pump.change("refill_finish", volume_nl=20000000, fluid="saline")
    assert pump.controller.reservoir.ledger_nl() == 20000000


def test_another_entry_of_what_came_out_undoes_the_draft():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    ledger_nl = pump.do("refill_begin")["ledger_nl"]
    pump.do("refill_withdrawn", volume_nl=ledger_nl)
    answer = pump.do("refill_finish", volume_nl=20000000, fluid="saline")
    pump.do("refill_withdrawn", volume_nl=ledger_nl - 100)
    assert pump.refused("confirm", draft=answer["draft"], code=answer["code"]) == defs.REFUSE_NO_DRAFT


def test_a_large_difference_holds_the_start_until_it_is_acknowledged():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(2 * pump_rig.DAY)
    pump_rig.fill(pump, withdrawn_nl=14000000 - 210000)
    assert pump.controller.alarms.top == defs.ALARM_REFILL_MISMATCH
    bits = pump.ask("start")["bits"]
    assert bits == defs.BIT_REFILL_UNSETTLED | defs.BIT_ALARM_HOLDS
    pump.do("ack")
    assert pump.controller.alarms.top == 0
    pump.do("start")


def test_the_first_refill_of_unknown_contents_needs_no_withdrawal():
    pump = pump_rig.Pump()
    pump.run(0)
    pump.do("refill_begin")
    pump.board.level.full_nl = 16000000
    answer = pump.change("refill_finish", volume_nl=16000000, fluid="saline")
    assert answer["old"] == {"volume_nl": 0, "fluid": "none", "phase": 0}
    assert answer["new"]["left_s"] is None
    assert pump.controller.reservoir.ledger_nl() == 16000000


def test_what_is_refused_at_the_end_changes_nothing():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    ledger_nl = pump.do("refill_begin")["ledger_nl"]
    pump.do("refill_withdrawn", volume_nl=ledger_nl)
    before = _books(pump)
    assert pump.refused("refill_finish", volume_nl=20000001, fluid="saline") == defs.REFUSE_OVER_CAPACITY
    assert pump.refused("refill_finish", volume_nl=1000, fluid="none") == defs.REFUSE_UNKNOWN_NAME
    assert pump.refused("refill_finish", volume_nl=1000, fluid="drug") == defs.REFUSE_WRONG_FLUID
    assert _books(pump) == before
    assert pump.app.dispatcher.pending.number == 0


def test_the_next_phase_brings_its_own_rate():
    rows = [[1, 1000, 0, 1], [2, 700, 1, 1]]
    pump = pump_rig.infuse(pump_rig.Pump(), fields={"profile": "intrahepatic", "rows": rows})
    pump.run(pump_rig.HOUR)
    pump.do("rate", ul_day=900)
    answer = pump_rig.fill(pump, 16000000, "drug")
    assert answer["new"]["left_s"] == 15500 * 86400 // 700
    assert pump.controller.delivery.rate_ul_day == 700
    pump.do("start")
    pump.run(pump_rig.HOUR)
    assert pump.do("therapy")["rate_ul_day"] == 700


def test_a_waiting_refill_has_a_reminder_timed_from_its_last_entry():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    ledger_nl = pump.do("refill_begin")["ledger_nl"]
    pump.run(10 * pump_rig.MINUTE)
    pump.do("refill_withdrawn", volume_nl=ledger_nl)
    pump.run(14 * pump_rig.MINUTE)
    assert pump.controller.alarms.top == 0
    pump.run(pump_rig.MINUTE)
    assert pump.controller.alarms.top == defs.ALARM_INPUT_AWAITED
