"""The dose path stays within a Pico's small integers (below 2^30) at its extremes; larger ones would allocate."""

from collections.abc import Callable

REQUIREMENTS = ("D2",)
_SCHEDULE = """
import gc, micropython
from pump.dose import schedule as schedules

def strokes(schedule, count):
    for _ in range(count):
        schedule.advance(schedule.wait_ms())
        schedule.take()
        schedule.period_ms()

def odd(schedule, count):
    for turn in range(count):
        wait = schedule.wait_ms()
        schedule.advance(wait - 1 if wait else 0)
        schedule.advance(1 + turn % 7)
        while schedule.wait_ms() == 0:
            schedule.take()

def locked(schedule, most_credit):
    gc.collect()
    before = gc.mem_alloc()
    micropython.heap_lock()
    strokes(schedule, 20000)
    odd(schedule, 20000)
    schedule.credit = most_credit
    schedule.advance(2000)  # the loop is two seconds late at the worst moment
    while schedule.wait_ms() == 0:
        schedule.take()
    micropython.heap_unlock()
    return gc.mem_alloc() - before

for stroke_pl in (20000, 250041, 500000):
    for ul_day in (50, 24000):
        schedule = schedules.Schedule()
        schedule.set_stroke(stroke_pl)
        schedule.set_rate(ul_day)
        print(stroke_pl, ul_day, locked(schedule, stroke_pl * 864 - 1))
"""

# Ten years at 24 mL/day in strokes of 0.5 uL are 175 million strokes and 87.7 L.
_TEN_YEARS = """
import gc, micropython
import pump_rig
from pump import defs
from pump.core import ticks

def locked(step, wait_ms, count):
    gc.collect()
    before = gc.mem_alloc()
    micropython.heap_lock()
    for _ in range(count):
        wait_ms(step())
    micropython.heap_unlock()
    return gc.mem_alloc() - before

for steps_per_stroke, ul_day, start in (
    (200, 24000, 0), (200, 50, ticks.add(0, -1)), (200, 24000, (1 << 29) - 60000), (8, 50, 0)
):
    pump = pump_rig.Pump(start)
    pump.run(0)
    pump.change("param_set", name="reservoir_capacity_nl", value=40000000)
    pump.change("param_set", name="steps_per_stroke", value=steps_per_stroke)
    pump_rig.infuse(pump, ul_day)
    pump_rig.fill(pump, 40000000)
    pump.do("start")
    app = pump.app
    days = 3653
    app.controller.account.strokes = days * 24000 * 2
    app.controller.account.delivered.ul = days * 24000 - 100
    app.controller.account.delivered.pl = 999999
    app.uptime.s = days * 86400
    app.journal.next = 600000000
    app.port._heard = False  # sending events to a host is not a control step
    used = locked(app.step, pump.board.clock.wait_ms, 9000)
    assert pump.board.drive.strokes > 20 and not pump.board.errors
    print(steps_per_stroke, ul_day, used)
"""


def test_the_schedule_at_its_extremes(micropython: Callable[..., str]) -> None:
    told = micropython(_SCHEDULE).splitlines()
    assert told == [f"{stroke_pl} {ul_day} 0" for stroke_pl in (20000, 250041, 500000) for ul_day in (50, 24000)]


def test_a_pump_after_ten_years(micropython: Callable[..., str]) -> None:
    assert micropython(_TEN_YEARS).splitlines() == ["200 24000 0", "200 50 0", "200 24000 0", "8 50 0"]


def test_the_small_integers_end_where_we_think(micropython: Callable[..., str]) -> None:
    script = (
        "import micropython\n"
        "def add(a, b):\n    return a + b\n"
        "micropython.heap_lock()\n"
        "try:\n    add((1 << 29), (1 << 29) - 1)\n    print('small')\n"
        "    add(1 << 29, 1 << 29)\n    print('small too')\n"
        "except MemoryError:\n    print('beyond')\n"
        "micropython.heap_unlock()\n"
    )
    assert micropython(script).split() == ["small", "beyond"]
