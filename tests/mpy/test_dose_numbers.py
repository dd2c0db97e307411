"""Delivery, guards and trim at their extremes, heap locked, on the Pico-sized build: numbers stay below 2^30."""

from collections.abc import Callable

_STORY = """
import gc, micropython, sys
sys.path.insert(0, "tests/unit/rigs")
import dose_rig
import sensor_fakes
from pump import defs
from pump.flow import trim

def steps(rig, count, wait_ms, step):
    for _ in range(count):
        wait_ms(step())

def scenario(rig, count, wait_ms, step, bolus_ul_day):
    now = rig.clock
    steps(rig, count, wait_ms, step)
    if bolus_ul_day:
        rig.delivery.bolus(30, bolus_ul_day, now.now)
        rig.guards.rate(rig.delivery.flow_ul_day, now.now)
    steps(rig, count, wait_ms, step)
    rig.delivery.set_trim(100000)
    steps(rig, count, wait_ms, step)
    rig.delivery.set_trim(-100000)
    wait_ms(4000)  # late by several strokes
    steps(rig, count, wait_ms, step)
    rig.delivery.keep_open(1000, now.now)
    rig.guards.rate(rig.delivery.flow_ul_day, now.now)
    steps(rig, count, wait_ms, step)
    rig.delivery.hold(now.now)
    rig.guards.rate(0, now.now)
    steps(rig, 20, wait_ms, step)

def locked(rig, bolus_ul_day):
    step, wait_ms = rig.scheduler.step, rig.clock.wait_ms
    rig.journal.keeps = False
    gc.collect()
    before = gc.mem_alloc()
    micropython.heap_lock()
    try:
        scenario(rig, 3000, wait_ms, step, bolus_ul_day)
    finally:
        micropython.heap_unlock()
    return gc.mem_alloc() - before

for size, pl_per_step, interval_us, ul_day, bolus in (
    (20000, 25, 10, 24000, 0), (1, 500000, 100000, 12000, 12000), (200, 2500, 2000, 50, 23950),
    (8, 2500, 2000, 23950, 50), (20000, 25, 10000, 50, 50),
):
    flow = sensor_fakes.Flow()
    flow.pl_s = 277777
    def make(rig):
        return trim.Trim(flow, rig.conditions, rig.journal, rig.monitor.report_no_flow)
    rig = dose_rig.Rig(size, pl_per_step, interval_us, 1000 if size > 1 else 0, 0, make)
    rig.limits(pl_per_step, size, 2000000, 30000000)
    rig.plan(ul_day)
    rig.account.strokes = 3653 * 24000 * 2
    rig.account.delivered.ul = rig.guards._moved.ul = 3653 * 24000
    used = locked(rig, bolus)
    print(used, rig.drive.strokes > 30, rig.conditions.word)
"""

_GARBAGE = """
import gc, micropython, sys
sys.path.insert(0, "tests/unit/rigs")
import dose_rig
from pump import defs

rig = dose_rig.Rig()
rig.plan(24000)
step, wait_ms = rig.scheduler.step, rig.clock.wait_ms
rig.journal.keeps = False

def jumps(count):
    for turn in range(count):
        rig.counter.extra = (0, 0x1fffffff, 77, 0x3ffffff)[turn % 4]
        wait_ms(step())

gc.collect()
before = gc.mem_alloc()
micropython.heap_lock()
jumps(2000)
micropython.heap_unlock()
print(gc.mem_alloc() - before, rig.has(defs.BIT_COUNT_WRONG))
"""


def test_extremes_of_stroke_rate_bolus_and_trim(micropython: Callable[..., str]) -> None:
    assert micropython(_STORY, heapsize="1m").splitlines() == ["0 True 0"] * 5


def test_garbage_of_the_counter(micropython: Callable[..., str]) -> None:
    assert micropython(_GARBAGE, heapsize="1m") == "0 True\n"
