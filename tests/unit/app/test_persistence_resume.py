"""What resumes by itself after a reset, and what never does."""

import pump_rig
from persistence_rig import again, new
from pump import defs

REQUIREMENTS = ("D12", "L3")


def _with_policy(ul_day=1000):
    pump = new()
    pump.run(0)
    pump.change("param_set", name="resume_policy", value=1)
    return pump_rig.infuse(pump, ul_day)


def test_the_resume_policy_continues_what_was_running():
    pump = _with_policy()
    pump.run(pump_rig.HOUR)
    given = pump.controller.account.strokes
    after = again(pump)
    assert after.controller.supervisor.state == defs.STATE_INFUSING
    assert after.logged(defs.EVENT_RESUMED) == [[0, 0]]
    after.run(pump_rig.HOUR)
    assert after.controller.account.strokes == given + pump_rig.strokes_due([(1000, pump_rig.HOUR)])


def test_the_resume_policy_starts_nothing_that_a_user_or_an_alarm_has_stopped():
    for leave in ("pause", "stop", "refill_begin"):
        pump = _with_policy()
        pump.do(leave)
        after = again(pump)
        assert after.controller.supervisor.state == defs.STATE_STANDBY, leave
        assert after.logged(defs.EVENT_RESUMED) == []
    pump = _with_policy()
    pump.app.conditions.set(defs.BIT_OVER_INFUSION)
    pump.run(1000)
    assert again(pump).app.controller.supervisor.state == defs.STATE_STANDBY


def test_the_resume_policy_does_not_override_an_alarm_that_blocks_delivery():
    pump = _with_policy()
    pump.run(pump_rig.HOUR)
    pump.board.level.nl = 0
    after = pump_rig.Pump(store=pump.board.store)
    after.board.level.nl = 0
    after.run(1000)
    assert after.controller.supervisor.state in (defs.STATE_STANDBY, defs.STATE_STOPPED_ALARM)
    assert after.board.drive.strokes == 0


def test_the_resume_policy_needs_the_newest_state():
    pump = _with_policy()
    pump.run(pump_rig.HOUR)
    ring = pump.app.journal._snapshot_ring
    pump.board.store.data[ring.place_of(ring.head, ring.slot - 1) + 20] ^= 1
    after = again(pump)
    assert after.controller.supervisor.state == defs.STATE_STANDBY
    assert defs.ALARM_RECORDS_DAMAGED in [row[0] for row in after.controller.alarms.rows()]
    assert after.controller.account.strokes == pump.controller.account.strokes


def test_a_plan_that_is_done_keeps_its_line_open_over_a_reset():
    pump = new()
    pump.run(0)
    pump.change("param_set", name="resume_policy", value=1)
    pump_rig.infuse(pump, fields=pump_rig.plan(24000, profile="timed", volume_nl=10000))
    pump.run(10 * pump_rig.MINUTE)
    assert pump.controller.supervisor.state == defs.STATE_KEEP_OPEN
    after = again(pump)
    assert after.controller.supervisor.state == defs.STATE_KEEP_OPEN
    assert after.controller.delivery.flow_ul_day == after.controller.params.get(defs.PARAM_KEEP_OPEN_UL_DAY)
