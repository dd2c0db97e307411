"""A control step allocates nothing: strokes, samples and alarms with the heap locked, on the Pico-sized build."""

from collections.abc import Callable

# Enough for two pumps, because the next one is built before the last is given up. What counts is what a step allocates.
_HEAP = "2m"

# With the heap locked any allocation raises MemoryError. gc.mem_alloc() is compared as well, in case the lock doesn't
# work. The fakes of tests/unit allocate nothing either.
_LOCKED = """
import gc, micropython
import pump_rig
from pump import defs

class Run:
    # A pump's main loop. Its methods are bound beforehand, because binding a method allocates.
    def __init__(self, pump):
        self.pump = pump
        pump.app.port._heard = False  # sending events to a host is not a control step
        self.step, self.wait_ms = pump.app.step, pump.board.clock.wait_ms

    def steps(self, count):
        for _ in range(count):
            self.wait_ms(self.step())

def locked(call, argument):
    gc.collect()
    before = gc.mem_alloc()
    micropython.heap_lock()
    try:
        call(argument)
    finally:
        micropython.heap_unlock()
    return gc.mem_alloc() - before

def steps(pump, count):
    return locked(Run(pump).steps, count)

def report(name, used, pump):
    print(name, used, pump.controller.supervisor.state, len(pump.board.errors))
"""

_INFUSING = (
    _LOCKED
    + """
for ul_day in (50, 1000, 24000):
    pump = pump_rig.infuse(pump_rig.Pump(), ul_day)
    strokes, reads, readings = pump.board.drive.strokes, pump.board.pressure.reads, pump.board.level.reads
    used = steps(pump, 5000)
    assert pump.board.drive.strokes - strokes > 20, pump.board.drive.strokes
    assert pump.board.pressure.reads - reads > 80
    assert pump.board.level.reads - readings > 5
    report(ul_day, used, pump)
"""
)

_ALARMS = (
    _LOCKED
    + """
NOTES = (
    defs.NOTE_PRESSURE_BLIND, defs.NOTE_LEVEL_BLIND, defs.NOTE_RESERVOIR_DISAGREES, defs.NOTE_PHASE_OVER,
    defs.NOTE_RESERVOIR_LOW, defs.NOTE_DRAFT_WAITING, defs.NOTE_UNDER_INFUSION,
)

def scenario(run):
    conditions = run.pump.app.conditions
    for note in NOTES:
        conditions.note(note, True)
        run.pump.controller.evaluate(run.pump.board.clock.now)
        run.steps(20)
        conditions.note(note, False)
        run.steps(20)
    conditions.set(defs.BIT_PRESSURE_HIGH)
    run.pump.controller.evaluate(run.pump.board.clock.now)
    run.steps(20)

def faults(run):
    run.pump.board.pressure.off = True
    run.steps(300)
    run.pump.board.pressure.off = False
    run.pump.board.level.off = True
    run.steps(2000)
    run.pump.board.level.off = False
    run.steps(2000)

pump = pump_rig.infuse(pump_rig.Pump(), 1000)
report("raised and cleared", locked(scenario, Run(pump)), pump)
raised = {row[0] for row in pump.logged(defs.EVENT_ALARM_RAISED)}
assert len(raised) == 8, raised

pump = pump_rig.infuse(pump_rig.Pump(), 24000)
report("parts that fail", locked(faults, Run(pump)), pump)
raised = [row[0] for row in pump.logged(defs.EVENT_ALARM_RAISED)]
assert defs.ALARM_PRESSURE_SENSOR in raised and defs.ALARM_LEVEL_SENSOR in raised, raised

pump = pump_rig.infuse(pump_rig.Pump(occlusion_retries=3), 24000)
steps(pump, 1000)
pump.board.pressure.block()
report("block, relief and restart", steps(pump, 4000), pump)
assert pump.controller.alarms.top in (defs.ALARM_OCCLUSION, defs.ALARM_PRESSURE_LIMIT)
assert len(pump.logged(defs.EVENT_RELIEF)) > 1 and len(pump.logged(defs.EVENT_RETRY)) > 0

pump = pump_rig.infuse(pump_rig.Pump(), 24000)
pump.board.drive.stuck = True
report("stuck drive", steps(pump, 2000), pump)
"""
)

_RESTING = (
    _LOCKED
    + """
pump = pump_rig.Pump()
pump.run(1000)
report("standby for three days", steps(pump, 280000), pump)
assert pump.app.uptime.s > 3 * 86400

pump = pump_rig.infuse(pump_rig.Pump(), 1000)
pump.do("silence")
pump.do("pause")
report("paused", steps(pump, 3000), pump)

pump = pump_rig.infuse(pump_rig.Pump(), 24000)
pump.board.link.waiting.extend(pump.frame("status"))
pump.board.link.room = 0
pump.run(2000)
report("a host that doesn't read", steps(pump, 2500), pump)
"""
)


_DOSES = (
    _LOCKED
    + """
pump = pump_rig.infuse(pump_rig.Pump(), 1000)
pump.change("bolus", volume_nl=20000)
report("bolus", steps(pump, 2000), pump)
assert pump.logged(defs.EVENT_BOLUS_ENDED) == [[20000, 20000]]

pump = pump_rig.infuse(pump_rig.Pump(hour_limit_nl=50000, low_time_h=1), 24000)
report("limit", steps(pump, 2200), pump)
assert pump.logged(defs.EVENT_STATE)[-1] == [defs.STATE_INFUSING, defs.STATE_KEEP_OPEN]

rows = [[1, 2000, 0, 1], [1, 1000, 1, 1]]
pump = pump_rig.infuse(pump_rig.Pump(), fields=dict(profile="timed", rows=rows, override="soft_rate"))
report("timed", steps(pump, 26000), pump)
assert pump.logged(defs.EVENT_PHASE) == [[0, 1], [1, 1]]

pump = pump_rig.Pump(flow=pump_rig.Flow())
pump_rig.infuse(pump, 1000)
report("trim", steps(pump, 8000), pump)
assert pump.board.flow.reads > 100

pump = pump_rig.Pump()
pump.run(0)
pump_rig.fill(pump)
pump.change("prime", volume_nl=250000, purpose="prime")
report("prime", steps(pump, 15000), pump)
assert pump.logged(defs.EVENT_PRIME_ENDED) == [[250000, 250000]]

pump = pump_rig.infuse(pump_rig.Pump(), 1000)
pump.do("rate", ul_day=2000)
report("draft", steps(pump, 3000), pump)
assert len(pump.logged(defs.EVENT_DRAFT_DROPPED)) == 1
"""
)


_SAVED = (
    _LOCKED
    + """
from plant.parts import flash
for ul_day in (1000, 24000):
    pump = pump_rig.infuse(pump_rig.Pump(store=flash.Flash()), ul_day)
    pump.run(pump_rig.MINUTE)
    programs, erases = pump.board.store.programs, pump.board.store.erases
    used = steps(pump, 12000)
    assert pump.board.store.programs - programs > 100, pump.board.store.programs
    report(ul_day, used, pump)
assert pump.board.store.erases > erases
pump.app.conditions.set(defs.BIT_OCCLUDED)
report("alarm", steps(pump, 300), pump)
"""
)


def test_what_is_saved_is_written_without_memory(micropython: Callable[..., str]) -> None:
    assert micropython(_SAVED, heapsize=_HEAP).splitlines() == ["1000 0 2 0", "24000 0 2 0", "alarm 0 5 0"]


def test_doses(micropython: Callable[..., str]) -> None:
    printed = micropython(_DOSES, heapsize=_HEAP).splitlines()
    assert printed == [
        "bolus 0 2 0", "limit 0 8 0", "timed 0 8 0", "trim 0 2 0", "prime 0 1 0", "draft 0 2 0",
    ]  # fmt: skip


def test_strokes_and_samples_and_readings(micropython: Callable[..., str]) -> None:
    printed = micropython(_INFUSING, heapsize=_HEAP).splitlines()
    assert printed == ["50 0 2 0", "1000 0 2 0", "24000 0 2 0"]


def test_alarms_raised_and_cleared_and_parts_that_fail(micropython: Callable[..., str]) -> None:
    printed = micropython(_ALARMS, heapsize=_HEAP).splitlines()
    wanted = [
        "raised and cleared 0 5 0", "parts that fail 0 2 0", "block, relief and restart 0 5 0", "stuck drive 0 6 0",
    ]  # fmt: skip
    assert printed == wanted


def test_at_rest_for_days_and_with_a_host_that_does_not_read(micropython: Callable[..., str]) -> None:
    printed = micropython(_RESTING, heapsize=_HEAP).splitlines()
    assert printed == ["standby for three days 0 1 0", "paused 0 3 0", "a host that doesn't read 0 2 0"]


def test_the_lock_would_show_an_allocation(micropython: Callable[..., str]) -> None:
    script = _LOCKED + (
        "pump = pump_rig.infuse(pump_rig.Pump(), 1000)\n"
        "pump.app.uptime.s = (1 << 30) - 1\n"
        "try:\n    print(steps(pump, 50))\n"
        "except MemoryError:\n    print('raised')\n"
    )
    assert micropython(script, heapsize=_HEAP) == "raised\n"
