"""The simulated world gives the same bytes on every interpreter, and allocates nothing while it runs."""

from collections.abc import Callable

import pytest
from plant import reference_run

_TELL = """
import sys
from plant import reference_run
reference_run.run(int(sys.argv[1]))
"""

# Every call that a run makes often, with the heap locked: a number of 2^30 or more would allocate and raise. Settings
# at their limits, a block up to the stall, suction down to vacuum, and the longest times.
_LOCKED = """
import gc, micropython
from plant import settings, world

def look(w):
    w.read_pressure_pa()
    w.read_level_nl()
    w.steps_done()
    w.steps_counted()
    w.read_flow_pl_s()
    w.read_supply_mv()
    w.read_temperature_centi_c()
    w.read_steps()
    w.sense()
    w.sense_wrong()

def strokes(w, steps, interval_us, count, wait_ms):
    for _ in range(count):
        w.start_stroke(steps, interval_us)
        w.advance(7)
        look(w)
        w.advance(1700)
        look(w)
        w.advance(wait_ms)
        look(w)
    w.stop_motion()

def cycles(w, count, wait_ms, _b, _c):
    for _ in range(count):
        w.start_cycle()
        w.advance(90)
        look(w)
        w.advance(wait_ms)
        look(w)
    w.stop_motion()

def hour(w, _a, _b, _c, _d):
    for _ in range(6):
        w.advance(600000)
    look(w)

def years(w, days, _a, _b, _c):
    for _ in range(days):
        for _ in range(144):
            w.advance(600000)
    look(w)

def locked(call, w, a, b=0, c=0, d=0):
    gc.collect()
    before = gc.mem_alloc()
    micropython.heap_lock()
    try:
        call(w, a, b, c, d)
    finally:
        micropython.heap_unlock()
    return gc.mem_alloc() - before

_MISHAPS = (
    ("unblock", 0), ("block_over", 1), ("block_over", 43200), ("air", 1000), ("leak", 200), ("disconnect", 0),
    ("connect", 0), ("kink", 43200), ("block_upstream", 0), ("unblock_upstream", 0), ("leak", 0), ("drain", 40000000),
    ("block", 0), ("leak", 1), ("unblock", 0),
)
_FAULTS = ("wrong", "stuck", "garbage", "slow", "delayed")

def broken(name, config):
    w = world.World(config, 1)
    used = 0
    for word in _FAULTS:
        for part in ("pressure", "level", "flow", "supply", "temperature", "counter", "drive"):
            value = 300 if (part, word) == ("drive", "wrong") else 100000000 if part == "level" else 0
            w.do(part + "_" + word, value if word == "wrong" else 0)
        if config.get("drive_kind"):
            used += locked(cycles, w, 20, 20000)
        else:
            used += locked(strokes, w, 1000000, 100, 2, 20000)
            used += locked(strokes, w, 20, 1000000, 2, 20000)
    print(name, used)

def valves(name, config):
    w = world.World(config, 1)
    used = 0
    for verb, value in (
        ("valves_work", 0), ("outlet_open", 0), ("inlet_open", 0), ("block", 0), ("air", 900), ("leak", 200),
        ("outlet_shut", 0), ("free_flow", 1), ("unblock", 0), ("drain", 40000000),
    ):
        w.do(verb, value)
        used += locked(cycles, w, 20, 2000)
    print(name, used)

_EVENTFUL = (
    "heart", "mayer_pa", "wander_pa", "night_pa", "wall_slow_percent", "wall_late_percent", "wall_stiff_percent",
)
# Each is on while the following ones are.
_HARD = (
    ("walk", 60), ("cough", 2), ("strain", 10000), ("handgrip", 60), ("posture", 8000), ("bath", 1000),
    ("cabin", 30000), ("elevator", 200), ("saw_tooth", 1), ("faint", 60), ("heart_rate", 2200),
    ("heart_pause", 5000), ("ectopic", 9),
    ("fibrillate", 1), ("stick", 3000), ("slacken", 3000), ("kink_near", 1), ("leak", 200), ("kink_near", 1000),
    ("sac", 1), ("leak", 1), ("sac", 1000), ("leak", 0), ("crack", 100000), ("slug", 1), ("air", 1000),
    ("come_and_go", 1), ("flutter", 25), ("come_and_go", 0), ("pressure_flip", 20), ("pressure_burst", 1000),
)

def body(name, config):
    config["pressure_missing_ppm"] = 0  # a missing answer is an exception, which allocates
    config["reservoir_nl"] = config["reservoir_capacity_nl"]
    w = world.World(config, 1)
    used = locked(strokes, w, 100, 2000, 30, 20000)
    for verb, value in _HARD:
        w.do(verb, value)
        w.do("refill")
        used += locked(strokes, w, 1000, 100, 2, 20000)
        used += locked(strokes, w, 100, 2000, 9, 20000)
        used += locked(strokes, w, -1000, 100, 1, 20000)
    used += locked(hour, w, 0)
    print(name, used)

def everything(name, config):
    w = world.World(config, 1)
    used = locked(strokes, w, 100, 2000, 30, 20000)
    for verb, value in (("block", 0), ("unblock", 0), ("narrow", 100000), ("narrow", 10), ("block", 0)):
        w.do(verb, value)
        used += locked(strokes, w, 1000000, 100, 3, 300000)
        used += locked(strokes, w, -1000000, 100, 3, 300000)
        used += locked(strokes, w, 5000, 1000000, 1, 600000)
        used += locked(years, w, 2)
        w.do("refill")
    for verb, value in _MISHAPS:
        if verb != "air" or w.truth()["air_in_line_nl"] == 0:
            w.do(verb, value)
        used += locked(strokes, w, 1000000, 100, 1, 20000)
        used += locked(strokes, w, -1000000, 100, 1, 20000)
        used += locked(years, w, 1)
    print(name, used)

everything("defaults", {})
broken("broken", {})
valves("valves", {"drive_kind": 1})
everything("quiet", world.QUIET)
for end in (1, 2):
    at = ("lowest", "highest")[end - 1]
    config = {name: row[end] for name, row in settings.SETTINGS.items()}
    config["drive_kind"] = 0
    crossed = {name: settings.SETTINGS[name][3 - end] for name in ("line_compliance_pl_pa", "pl_per_step")}
    body("body, " + at, dict(config))
    hard = dict(config)
    hard.update(crossed)
    body("body, crossed, " + at, hard)
    for name in _EVENTFUL:  # years with these would take hours
        config[name] = 0
    config["pressure_missing_ppm"] = 0
    everything(at, config)
    broken("broken " + at, config)
    config["drive_kind"] = 1
    broken("broken valves", config)
    valves("valves", config)
    config["drive_kind"] = 0
    config.update(crossed)
    everything(at + ", crossed", config)
w = world.World(config, 1)
print("ten years", locked(years, w, 3653))
"""


def test_no_memory_in_the_hot_path(micropython: Callable[..., str]) -> None:
    told = micropython(_LOCKED).splitlines()
    assert len(told) == 19 and told[-1] == "ten years 0"
    for line in told:
        assert line.endswith(" 0")


@pytest.mark.parametrize("interpreter", ["pico-sized", "stock"])
@pytest.mark.parametrize("seed", [1, 271828182845])
def test_one_scenario_has_the_same_bytes_everywhere(
    micropython: Callable[..., str], capsys: pytest.CaptureFixture[str], interpreter: str, seed: int
) -> None:
    reference_run.run(seed)
    expected = capsys.readouterr().out
    assert len(expected.splitlines()) > 100
    assert micropython(_TELL, seed, interpreter=interpreter) == expected
