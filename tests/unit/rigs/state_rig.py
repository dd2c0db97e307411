"""A pump in each state, reached as an operator or the pump reaches it, and fields with which each command is granted.

The parts take their time for the self-test, as real ones do.
"""

import pump_rig
from pump import defs

NOT_READY = 8  # questions of the self-test, 50 ms apart: a bridge converter needs 0.4 s for its first value
SELF_TEST_MS = NOT_READY * 50
FIELDS = {
    "rate": {"ul_day": 900},
    "therapy_set": {"profile": "continuous", "rows": [[1, 500, 0, 0]]},
    "param_set": {"name": "link_timeout_s", "value": 77},
    "telemetry": {"period_s": 10},
    "bolus": {"volume_nl": 10000},
    "prime": {"volume_nl": 10000, "purpose": "prime"},
    "time_set": {"day": 20000, "second": 3600},
    "refill_finish": {"volume_nl": 9000000, "fluid": "saline"},
    "refill_withdrawn": {"volume_nl": 16000000},
}


def self_test(**board):
    """A pump in its self-test, which is over SELF_TEST_MS later."""
    pump = pump_rig.Pump(**board)
    pump.board.drive.not_ready = NOT_READY
    pump.app.step()
    return pump


def tested(**board):
    """A pump right after its self-test."""
    pump = self_test(**board)
    pump.run(SELF_TEST_MS)
    return pump


def again(pump, span_ms=SELF_TEST_MS, **board):
    """The pump so long after a reset: the parts stay, the firmware starts again."""
    after = self_test(store=pump.board.store, **board)
    after.board.level.full_nl = pump.board.level.full_nl - pump.board.drive.moved_nl()
    after.run(span_ms)
    return after


def standby(**board):
    pump = pump_rig.infuse(tested(**board), 1000)
    pump.do("stop")
    return pump


def infusing(**board):
    pump = pump_rig.infuse(tested(**board), 1000)
    pump.run(50000)
    return pump


def paused(**board):
    pump = infusing(**board)
    pump.do("pause")
    return pump


def refilling(**board):
    pump = infusing(**board)
    pump.do("refill_begin")
    return pump


def stopped_alarm(**board):
    """As an occlusion leaves it; the line is free again and the alarm is acknowledged."""
    pump = infusing(**board)
    pump.controller.conditions.set(defs.BIT_UPSTREAM_BLOCKED)
    pump.run(0)
    pump.controller.conditions.clear(defs.BIT_UPSTREAM_BLOCKED)
    pump.run(0)
    pump.do("ack")
    return pump


def fault(**board):
    pump = infusing(**board)
    pump.controller.conditions.set(defs.BIT_DRIVE_FAULT)
    pump.run(0)
    return pump


def priming(**board):
    pump = standby(**board)
    pump.change("prime", volume_nl=100000, purpose="prime")
    return pump


def keep_open(**board):
    pump = infusing(**board)
    pump.controller.conditions.set(defs.BIT_PLAN_DONE)
    pump.run(0)
    return pump


# By the number of the state.
REACH = (
    self_test, standby, infusing, paused, refilling, stopped_alarm, fault, priming, keep_open,
)  # fmt: skip
