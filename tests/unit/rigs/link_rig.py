"""A pump with a host on its link: just switched on, or infusing with the times of its strokes recorded."""

import pump_rig
from pump.core import ticks


def pump_on():
    pump = pump_rig.Pump()
    pump.run(0)
    return pump


def steady(ul_day=24000):
    """An infusing pump that records the times of its strokes."""
    pump = pump_rig.infuse(pump_rig.Pump(), ul_day)
    pump.heard()
    pump.board.drive.times = []
    pump.began = pump.board.clock.now
    return pump


def on_time(pump, span_ms):
    """Whether every stroke of the span came at its millisecond."""
    times = pump.board.drive.times
    assert len(times) == pump_rig.strokes_due([(24000, span_ms)])
    for at, time in enumerate(times):
        assert ticks.diff(time, pump.began) == (at + 1) * 900, at
