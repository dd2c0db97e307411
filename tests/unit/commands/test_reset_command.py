"""A reset that an operator asks for: confirmed while something runs, after the stroke, and no reset by a fault."""

import pump_rig
from persistence_rig import again, new
from pump import defs

REQUIREMENTS = ("D12", "C1")


def _resets(pump, span_ms):
    """Whether the processor is reset within this time; no time passes after that."""
    while span_ms > 0 and not pump.board.resets:
        pump.run(10)
        span_ms -= 10
    return pump.board.resets == 1


def test_at_rest_it_comes_at_once_and_after_the_answer():
    pump = new()
    answer = pump.do("reset")
    assert (answer["draft"], answer["old"], answer["new"]) == (None, {"state": defs.STATE_STANDBY}, {"resumes": 0})
    assert not _resets(pump, 400)
    assert _resets(pump, 200)


def test_during_delivery_it_is_confirmed_and_waits_for_the_end_of_the_stroke():
    for policy in (0, 1):
        pump = pump_rig.infuse(new(resume_policy=policy), 24000)
        answer = pump.do("reset")
        assert answer["draft"] is not None
        assert (answer["old"], answer["new"]) == ({"state": defs.STATE_INFUSING}, {"resumes": policy})
        assert not _resets(pump, 5000), "not before it is confirmed"
        pump.confirm(answer)
        assert _resets(pump, pump_rig.MINUTE)
        assert not pump.board.drive.moving()
        strokes = pump.controller.account.strokes
        after = again(pump, reset_cause=defs.RESET_REQUEST)
        assert after.logged(defs.EVENT_RESET)[-1][0] == defs.RESET_REQUEST
        assert after.logged(defs.EVENT_RESETS_COUNTED) == []
        assert after.controller.account.strokes == strokes and after.do("journal")["uncertain"] == 0
        after.run(pump_rig.MINUTE)
        assert (after.controller.supervisor.state == defs.STATE_INFUSING) == (policy == 1)
        assert defs.ALARM_RESET_BY_FAULT not in [row[0] for row in after.controller.alarms.rows()]


def test_during_a_refill_it_is_confirmed_because_the_entries_are_lost():
    pump = new()
    pump.do("refill_begin")
    answer = pump.do("reset")
    assert answer["draft"] is not None
    assert not _resets(pump, 5000)
    pump.confirm(answer)
    assert _resets(pump, 1000)


def test_a_pump_in_fault_can_be_reset():
    pump = pump_rig.infuse(new(), 1000)
    pump.board.step_counter.off = True
    pump.run(pump_rig.MINUTE)
    assert pump.controller.supervisor.state == defs.STATE_FAULT
    assert pump.do("reset")["draft"] is None
    assert _resets(pump, 1000)
