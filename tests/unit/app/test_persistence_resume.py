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
    after.run(10000)  # the level is known after two seconds, the first stroke would come after twenty
    assert after.controller.supervisor.state == defs.STATE_STOPPED_ALARM
    assert after.controller.alarms.top == defs.ALARM_RESERVOIR_EMPTY
    after.run(pump_rig.HOUR)
    assert after.board.drive.strokes == 0


def test_a_false_first_reading_of_any_sensor_does_not_keep_a_full_pump_from_its_resume():
    falsehoods = (("level", 0), ("pressure", 55000), ("pressure", 100000), ("supply", 3000), ("temperature", -2000))
    for part, false in falsehoods:
        pump = _with_policy()
        pump.do("stop")
        pump.change("param_set", name="pressure_limit_pa", value=50000)
        pump.do("start")
        pump.run(pump_rig.HOUR)
        after = pump_rig.Pump(store=pump.board.store)
        after.board.level.full_nl = pump.board.level.full_nl - pump.board.drive.moved_nl()
        _falsify(after, part, false)
        after.run(pump_rig.HOUR)
        assert after.controller.supervisor.state == defs.STATE_INFUSING, part
        assert after.board.drive.strokes == pump_rig.strokes_due([(1000, pump_rig.HOUR)]), part
        alarms = [row[0] for row in after.logged(defs.EVENT_ALARM_RAISED)]
        assert not set(alarms) & {defs.ALARM_RESERVOIR_EMPTY, defs.ALARM_PRESSURE_LIMIT, defs.ALARM_SUPPLY_OUT}


_READERS = {"level": "_read_nl", "pressure": "_read_pa", "supply": "_read_mv", "temperature": "_read_centi_c"}


def _falsify(pump, part, false):
    """The first reading of this part since the reset is false."""
    main = pump.controller
    owners = {"level": main.reservoir.level, "pressure": main.monitor.input}
    owner = owners.get(part, main.environment)
    read = getattr(owner, _READERS[part])
    left = [false]
    setattr(owner, _READERS[part], lambda: left.pop() if left else read())


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
