"""The power fails in the middle of a step: what the log holds is taken in, whether or not the state was saved."""

import journal_store
import pump_rig
from persistence_rig import again, new
from plant.parts import flash
from pump import defs
from pump.core import ticks

REQUIREMENTS = ("O4", "L1", "L2", "D7")
_STROKES = 5  # that are retained in the line


def _shortly_before_an_occlusion(**board):
    """A pump with a blocked line that has just found the occlusion."""
    pump = pump_rig.infuse(new(**board), 1000)
    pump.run(20 * pump_rig.MINUTE)
    pump.board.pressure.block()
    pump.run_until(lambda: pump.app.conditions.has(defs.BIT_OCCLUDED))
    return pump


def _cut_at_the_alarm(operation, tear, **board):
    """A pump whose flash loses its power in this operation of the step that finds the occlusion; None without one."""
    pump = pump_rig.infuse(new(**board), 1000)
    pump.run(20 * pump_rig.MINUTE)
    pump.board.pressure.block()
    pump.run(_until_alarm_ms() - 10)
    assert not pump.app.conditions.has(defs.BIT_OCCLUDED)
    pump.board.store.cut(operation, tear)
    try:
        pump.run(10)
    except flash.PowerCut:
        return pump
    assert pump.app.conditions.has(defs.BIT_OCCLUDED)
    return None


_found = []


def _until_alarm_ms():
    """Worked out once: milliseconds from the block to the alarm."""
    if not _found:
        pump = pump_rig.infuse(new(), 1000)
        pump.run(20 * pump_rig.MINUTE)
        pump.board.pressure.block()
        blocked = pump.board.clock.now
        pump.run_until(lambda: pump.app.conditions.has(defs.BIT_OCCLUDED))
        _found.append(ticks.diff(pump.board.clock.now, blocked))
    return _found[0]


def _after_reset(pump, level_pa):
    """The pump after the reset, with this much in its line above the level, its self-test not yet over."""
    pump.board.store.uncut()
    after = pump_rig.Pump(store=pump.board.store, reverses=pump.board.REVERSES)
    after.board.level.full_nl = pump.board.level.full_nl - pump.board.drive.moved_nl()
    after.board.pressure.pa += level_pa
    after.board.pressure.block()  # as it was: each stroke in reverse takes away what a stroke had added
    return after


def test_an_alarm_that_is_in_the_log_stands_after_a_cut_anywhere_in_its_step():
    operations = 0
    for tear in flash.TEARS:
        operation = 0
        while True:
            pump = _cut_at_the_alarm(operation, tear)
            if pump is None:
                break
            after = _after_reset(pump, 0)
            raised = [row for row in after.logged(defs.EVENT_ALARM_RAISED) if row[0] == defs.ALARM_OCCLUSION]
            after.run(100)
            stands = defs.ALARM_OCCLUSION in [row[0] for row in after.controller.alarms.rows()]
            assert stands is bool(raised), (operation, tear)
            if stands:
                assert after.refused("start") == defs.REFUSE_HELD
            operation += 1
            operations += 1
    assert operations >= 4 * 4


def test_an_acknowledgement_that_is_in_the_log_counts_after_a_cut_before_the_state():
    pump = pump_rig.infuse(new(), 1000)
    pump.app.conditions.note(defs.NOTE_LATE, True)
    pump.run(1000)
    assert pump.controller.alarms.top == defs.ALARM_LATE
    pump.controller.alarms.acknowledge(defs.ALARM_LATE)
    assert [row[0] for row in again(pump).controller.alarms.rows()] == [defs.ALARM_DELIVERY_STOPPED]


def test_a_relief_that_a_cut_prevented_is_made_up_for_after_the_reset():
    for operation in (1, 2, 99):  # before the alarm's record, before the state was saved, and behind it
        pump = _cut_at_the_alarm(operation, flash.TEARS[0])
        if pump is None:
            pump = _shortly_before_an_occlusion()
        after = _after_reset(pump, _STROKES * 2500)
        after.run(pump_rig.MINUTE)
        assert after.board.drive.net == -_STROKES, operation
        assert after.controller.supervisor.state == defs.STATE_STANDBY
        assert operation == 1 or after.controller.alarms.top == defs.ALARM_OCCLUSION
        assert after.logged(defs.EVENT_RELIEF)[-1][0] == 100 * _STROKES
        assert after.app.conditions.word & (defs.BIT_COUNT_WRONG | defs.BIT_DRIVE_FAULT) == 0
        after.run(pump_rig.HOUR)
        assert after.board.drive.net == -_STROKES
        last = again(after)
        last.board.pressure.pa += _STROKES * 2500
        last.run(pump_rig.MINUTE)
        assert last.board.drive.net == 0, "it is made up for once"


def test_no_relief_is_made_up_for_in_a_line_that_is_free_again_or_without_a_reverse():
    for level_pa in (0, 4900, -3000):
        after = _after_reset(_shortly_before_an_occlusion(), level_pa)
        after.run(pump_rig.MINUTE)
        assert after.board.drive.net == 0 and after.logged(defs.EVENT_RELIEF) == []
    after = _after_reset(_shortly_before_an_occlusion(reverses=False), _STROKES * 2500)
    after.run(pump_rig.MINUTE)
    assert after.board.drive.net == 0


def test_a_relief_that_was_over_is_not_repeated_after_a_reset():
    pump = _shortly_before_an_occlusion()
    pump.run(pump_rig.MINUTE)
    assert pump.logged(defs.EVENT_RELIEF) != []
    after = _after_reset(pump, _STROKES * 2500)
    after.run(pump_rig.MINUTE)
    assert after.board.drive.net == 0


def _volume_nl(pump):
    delivered = pump.controller.account.delivered
    return delivered.ul * 1000 + delivered.pl // 1000


def test_a_bolus_that_a_reset_ends_is_in_the_log_with_what_was_given_at_most():
    for span_ms in (0, 1, 30000, 100000):
        pump = pump_rig.infuse(new(), 1000)
        pump.change("bolus", volume_nl=20000)
        before_nl = _volume_nl(pump)
        pump.run(span_ms)
        given_nl = _volume_nl(pump) - before_nl  # with what the basal rate gave meanwhile
        told = again(pump).logged(defs.EVENT_BOLUS_CUT)
        assert len(told) == 1 and told[0][1] == 20000
        bolus_nl = given_nl * 12 // 13 - 250
        assert bolus_nl <= told[0][0] <= given_nl + 250, (span_ms, given_nl, told)
        assert again(again(pump)).logged(defs.EVENT_BOLUS_CUT) == told, "once"


def test_a_bolus_that_is_over_is_not_told_as_cut():
    pump = pump_rig.infuse(new(), 1000)
    pump.change("bolus", volume_nl=1000)
    pump.run(pump_rig.HOUR)
    assert pump.logged(defs.EVENT_BOLUS_ENDED) == [[1000, 1000]]
    assert again(pump).logged(defs.EVENT_BOLUS_CUT) == []
    assert again(pump).logged(defs.EVENT_PRIME_CUT) == []


def test_a_prime_that_a_reset_ends_is_in_the_log_with_what_was_given():
    for purpose in ("prime", "bridge"):
        pump = new()
        pump_rig.fill(pump)
        pump.run(100)
        pump.change("prime", volume_nl=100000, purpose=purpose)
        pump.run(pump_rig.MINUTE + 100)
        strokes = pump.board.drive.strokes
        assert strokes > 50
        told = again(pump).logged(defs.EVENT_PRIME_CUT)
        assert told == [[strokes * 250, 100000]], purpose


def test_a_bolus_whose_begin_is_only_in_the_log_is_told_too():
    pump = pump_rig.infuse(new(), 1000)
    pump.controller.delivery.bolus(80, 12000, pump.board.clock.now)
    assert again(pump).logged(defs.EVENT_BOLUS_CUT) == [[0, 20000]]
    pump.controller.delivery.end_bolus(pump.board.clock.now)
    assert again(pump).logged(defs.EVENT_BOLUS_CUT) == [[0, 20000]], "the first; this one was ended"


def test_a_phase_reaches_its_end_although_the_power_fails_again_and_again():
    for cut_s in (50, 295, 1200):
        pump = pump_rig.infuse(new(resume_policy=1), fields=pump_rig.plan(1000, hours=1, profile="timed"))
        spent_s = 0
        while pump.do("therapy")["phase_left_s"] and spent_s < 3 * 3600:
            pump.run(cut_s * 1000)
            spent_s += cut_s
            left_s = pump.do("therapy")["phase_left_s"]
            after = again(pump)
            after.run(100)
            assert after.do("therapy")["phase_left_s"] - left_s <= min(60, cut_s // 2 + 5), (cut_s, spent_s)
            pump = after
            if pump.controller.supervisor.state == defs.STATE_STANDBY:
                pump.do("ack")
                pump.ask("start")
        assert pump.do("therapy")["phase_left_s"] == 0, cut_s


def test_the_store_of_a_reset_pump_is_sound():
    pump = _shortly_before_an_occlusion()
    assert journal_store.boot(pump.board.store).damaged == 0
