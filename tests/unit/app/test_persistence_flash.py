"""How a whole pump treats its flash: damage, refusals, clearing, erases ahead of need, reading for a rescue."""

import journal_store
import pump_rig
from persistence_rig import again, new
from plant.parts import flash
from pump import defs

REQUIREMENTS = ("L2", "S6", "L3")


def test_damaged_settings_fall_back_to_those_before_with_an_alarm():
    pump = new()
    pump.run(0)
    pump.change("param_set", name="low_volume_nl", value=3000000)
    pump.change("param_set", name="low_volume_nl", value=4000000)
    ring = pump.app.journal._settings_ring
    pump.board.store.data[ring.place_of(ring.head, ring.slot - 1) + 9] ^= 4
    after = again(pump)
    assert after.controller.params.get(defs.PARAM_LOW_VOLUME_NL) == 3000000
    assert defs.ALARM_SETTINGS_OLD in [row[0] for row in after.controller.alarms.rows()]
    after.do("ack")
    assert defs.ALARM_SETTINGS_OLD not in [row[0] for row in again(after).app.controller.alarms.rows()]


def test_flash_that_refuses_a_write_stops_the_pump_until_it_is_switched_off_and_on():
    pump = pump_rig.infuse(new(), 24000)
    pump.run(pump_rig.MINUTE)
    pump.board.store.refusals = 1000000
    pump.run(pump_rig.MINUTE)
    assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    assert pump.do("journal")["unfit"] == "write"
    strokes = pump.board.drive.strokes
    pump.run(10 * pump_rig.MINUTE)
    assert pump.board.drive.strokes == strokes
    pump.board.store.refusals = 0
    after = again(pump)
    assert after.do("journal")["unfit"] == "none"
    assert after.controller.account.strokes in (pump.controller.account.strokes, pump.controller.account.strokes + 1)
    after.do("ack")
    after.do("start")


def test_a_journal_is_cleared_in_two_steps_and_then_used():
    store = journal_store.Flash()
    journal_store.fill(store, 0, store.size, lambda at: 0)
    pump = pump_rig.Pump(store=store)
    pump.run(1000)
    answer = pump.do("journal_clear")
    assert pump.do("journal")["unfit"] == "unreadable" and store.erases == 0
    pump.confirm(answer)
    pump.run(pump_rig.MINUTE)
    assert pump.do("journal")["unfit"] == "none"
    assert pump.logged(defs.EVENT_JOURNAL_CLEARED) == [[0, 0]]
    pump.do("ack")
    pump_rig.infuse(pump, 1000)
    pump.run(pump_rig.HOUR)
    assert again(pump).app.controller.account.strokes == pump.controller.account.strokes


def test_nothing_is_begun_while_an_area_that_is_no_journal_is_erased():
    store = journal_store.Flash()
    journal_store.fill(store, 0, store.size, lambda at: 0)
    pump = pump_rig.Pump(store=store)
    pump.board.supply.value = 4500  # at which a pump may run, and erases nothing
    pump.run(pump_rig.MINUTE)
    pump.change("journal_clear")
    answer = pump.ask("start")
    assert answer["refused"] == defs.REFUSE_HELD and answer["bits"] & defs.BIT_JOURNAL_UNFIT
    assert defs.ALARM_JOURNAL_UNFIT in [row[0] for row in pump.controller.alarms.rows()]
    assert pump.do("journal")["unfit"] == "clearing"
    pump.board.supply.value = 5000
    pump.run(5 * pump_rig.MINUTE)
    pump.do("ack")
    pump_rig.infuse(pump, 1000)
    pump.run(pump_rig.HOUR)
    assert again(pump).app.controller.account.strokes == pump.controller.account.strokes == 166


def test_clearing_the_log_keeps_everything_else_also_when_the_power_fails_meanwhile():
    pump = pump_rig.infuse(new(), 4000)
    pump.change("bolus", volume_nl=1000)
    pump.run(pump_rig.HOUR)
    pump.do("stop")
    pump.board.supply.value = 4500  # at which nothing is erased
    pump.run(pump_rig.MINUTE)
    was = pump.do("dose")
    pump.change("journal_clear")
    assert pump.do("journal")["unfit"] == "none" and pump.refused("journal_clear") == defs.REFUSE_NOTHING_TO_DO
    for _ in range(3):
        assert pump.app.journal.tend(1000, True)
    after = again(pump)
    assert after.controller.account.strokes == pump.controller.account.strokes > 600
    assert after.controller.params.all() == pump.controller.params.all()
    assert after.do("dose")["hour_nl"] == was["hour_nl"] and 0 < after.do("dose")["lockout_s"] <= was["lockout_s"]
    assert after.controller.plan.profile == pump.controller.plan.profile


def test_erases_are_made_ahead_of_need_between_two_motions():
    pump = pump_rig.infuse(new(), 24000)
    forced = pump.app.journal.forced_erases
    erase = pump.board.store.erase

    def watched(at):
        assert not pump.board.drive.moving() and pump.controller.delivery.stroke_in_ms(pump.board.clock.now) >= 500
        erase(at)

    pump.run(pump_rig.MINUTE)
    pump.board.store.erase = watched
    erases = pump.board.store.erases
    pump.run(15 * pump_rig.MINUTE)
    assert pump.board.store.erases - erases >= 1000 // 254
    assert pump.app.journal.forced_erases == forced


def test_nothing_is_erased_while_the_supply_falls():
    pump = pump_rig.infuse(new(), 24000)
    pump.run(10 * pump_rig.MINUTE)
    pump.board.supply.value = 4500
    pump.run(pump_rig.MINUTE)
    erases, strokes = pump.board.store.erases, pump.controller.account.strokes
    pump.run(10 * pump_rig.MINUTE)
    assert pump.controller.account.strokes - strokes > 254, "a sector's worth of strokes, which wants an erase"
    assert pump.board.store.erases == erases
    pump.board.supply.value = 5000
    pump.run(5 * pump_rig.MINUTE)
    assert pump.board.store.erases > erases


def test_every_byte_of_the_area_can_be_read_over_the_link():
    pump = new()
    pump.run(pump_rig.MINUTE)
    data = bytes(pump.board.store.data)
    at = 0
    found = b""
    while at is not None and at < 4096 * 2:
        answer = pump.do("journal_read", at=at)
        text = answer["hex"] or "ff" * 128
        found += bytes(int(text[place : place + 2], 16) for place in range(0, 256, 2))
        at = answer["next"]
    assert found == data[: len(found)] and len(found) == 8192
    assert pump.do("journal_read", at=flash.BLOCK * 64 - 128)["next"] is None
    assert pump.refused("journal_read", at=64) == defs.REFUSE_OUT_OF_RANGE
    assert pump.refused("journal_read", at=flash.BLOCK * 64) == defs.REFUSE_OUT_OF_RANGE
    assert pump_rig.Pump().refused("journal_read", at=0) == defs.REFUSE_OUT_OF_RANGE
