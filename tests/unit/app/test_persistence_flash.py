"""A whole pump and its flash: damage, failed writes, clearing, erases ahead of need, reading over the link."""

import journal_store
import pump_rig
from persistence_rig import again, new
from plant.parts import flash
from pump import defs
from pump.core import ticks

REQUIREMENTS = ("D8", "L2", "S6", "L3")


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
    pump.run(pump_rig.HOUR)
    pump.board.supply.value = 4500  # it has fallen: a pump may run, but erases nothing
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
    pump.board.supply.value = 4500  # it has fallen: nothing is erased
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


def _wants_erases(pump):
    """Ten minutes at 24 mL/day: a sector's worth of strokes, which wants an erase; the erases that were made."""
    erases, strokes = pump.board.store.erases, pump.controller.account.strokes
    pump.run(10 * pump_rig.MINUTE)
    assert pump.controller.account.strokes - strokes > 254
    return pump.board.store.erases - erases


def test_nothing_is_erased_while_the_supply_falls():
    pump = pump_rig.infuse(new(), 24000)
    pump.run(10 * pump_rig.MINUTE)
    supply = pump.board.supply
    supply.value = 8000  # a supply of another board, so that it can fall for long
    pump.run(pump_rig.MINUTE)
    read_mv, begun = supply.read_mv, pump.board.clock.now

    def falling():
        return read_mv() - min(3300, ticks.diff(pump.board.clock.now, begun) // 100)

    pump.controller.environment._read_mv = falling
    pump.run(20000)
    at_begin = pump.board.store.erases
    pump.run(5 * pump_rig.MINUTE)
    assert pump.board.store.erases == at_begin
    supply.value = 8300  # it stands still, at 5 V
    pump.run(3 * pump_rig.MINUTE)
    assert _wants_erases(pump) > 0


def test_a_low_and_steady_supply_ends_no_therapy():
    """Below the mark of the warning, above that of the stop."""
    pump = pump_rig.infuse(new(), 24000)
    pump.run(10 * pump_rig.MINUTE)
    pump.board.supply.value = 3800
    pump.run(2 * pump_rig.MINUTE)
    for _ in range(6):
        assert _wants_erases(pump) > 0
    assert pump.controller.supervisor.state == defs.STATE_INFUSING
    assert [row[0] for row in pump.controller.alarms.rows()][0] == defs.ALARM_SUPPLY_LOW


def test_a_supply_that_is_out_for_hours_leaves_room_for_the_records():
    pump = pump_rig.infuse(new(), 1000)
    pump.run(pump_rig.HOUR)
    supply = pump.board.supply
    supply.value = 3600
    pump.run(3 * pump_rig.HOUR)
    assert [row[0] for row in pump.controller.alarms.rows()][0] == defs.ALARM_SUPPLY_OUT
    assert not pump.controller.conditions.has(defs.BIT_JOURNAL_UNFIT)
    supply.value = 5000
    pump.run(pump_rig.MINUTE)
    pump.do("ack")
    pump.do("resume")
    pump.run(pump_rig.HOUR)
    assert pump.controller.supervisor.state == defs.STATE_INFUSING


def test_a_supply_that_collapses_is_seen_by_the_reading_right_before_the_erase():
    pump = pump_rig.infuse(new(), 24000)
    pump.run(10 * pump_rig.MINUTE)
    environment = pump.controller.environment
    environment.job.run = lambda now: environment.job.at(ticks.add(now, 9800))  # the regular readings see nothing
    pump.board.supply.value = 4500
    assert _wants_erases(pump) == 0
    pump.board.supply.value = 5000
    assert _wants_erases(pump) > 0


def test_the_supply_is_read_more_often_only_while_an_erase_is_wanted():
    pump = pump_rig.infuse(new(), 1000)
    pump.run(10 * pump_rig.MINUTE)
    reads = pump.board.supply.reads
    pump.run(10 * pump_rig.MINUTE)
    assert pump.board.supply.reads - reads <= 65


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
