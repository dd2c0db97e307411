"""Runs on MicroPython and on CPython: the pressure monitor over a world: its costs and its decisions, printed as JSON.

micropython tests/bench/occlusion/cost.py decisions     the decision after each stroke
micropython tests/bench/occlusion/cost.py costs         samples and time per stroke, bytes held, bytes allocated
"""

import gc
import json
import sys
import time

from plant import world
from pump.core import conditions, ticks
from pump.occlusion import monitor

_STROKES = 400
_BLOCKED_FROM = 360
_PERIOD_MS = 21600
_MOTION_MS = 201


class Job:
    def at(self, due):
        self.due = due


class Sensor:
    """The world's pressure; without a world (costs) a fixed sequence, so that the time is the monitor's alone."""

    def __init__(self, the_world):
        self.world = the_world
        self.reads = 0

    def begin(self):
        pass

    def read_pa(self):
        self.reads += 1
        return self.world.read_pressure_pa() if self.world else 13000 + (self.reads * 37 & 127)


def watch(sensor):
    the_line = monitor.Monitor(sensor, conditions.Conditions(0))
    the_line.job = Job()
    the_line.configure(69000, 6000)
    the_line.set_interval(_PERIOD_MS - _MOTION_MS)
    return the_line


def strokes(the_line, sensor, due, count, decided=None):
    """Makes strokes of the same period; returns the tick at which the next one is due."""
    job = the_line.job
    the_world = sensor.world
    now = ticks.add(due, -_PERIOD_MS)
    for number in range(count):
        while the_line._window != 3:  # until the window before the stroke is closed
            if the_world:
                the_world.advance(ticks.diff(job.due, now))
                now = job.due
            the_line.run(job.due)
        if the_world:
            the_world.advance(ticks.diff(due, now))
            now = due
            if decided is not None:
                finder, found = the_line.detector, the_line._conditions
                decided.append((finder.staircase.sum, finder.baseline_pa, found.word, found.notes))
            if number == _BLOCKED_FROM:
                the_world.do("block")
            the_world.start_stroke(100, 2000)
        due = ticks.add(due, _PERIOD_MS)
        the_line.expect(due, _PERIOD_MS, 1000)
    return due


def decisions():
    sensor = Sensor(world.World({}, 77))
    the_line = watch(sensor)
    due = ticks.add(0, _PERIOD_MS - 5000)
    the_line.expect(due, _PERIOD_MS, 1000)
    decided = []
    strokes(the_line, sensor, due, _STROKES, decided)
    return decided


def _samples_in_quiet_times():
    """Samples of a stroke of the default line, after the first hundred."""
    sensor = Sensor(world.World({"posture_pa": 0}, 77))
    the_line = watch(sensor)
    due = ticks.add(0, _PERIOD_MS)
    the_line.expect(due, _PERIOD_MS, 1000)
    due = strokes(the_line, sensor, due, 100)
    reads = sensor.reads
    strokes(the_line, sensor, due, 200)
    return (sensor.reads - reads) / 200


def costs():
    sensor = Sensor(None)
    gc.collect()
    before = gc.mem_alloc()
    the_line = watch(sensor)
    gc.collect()
    kept = gc.mem_alloc() - before
    due = ticks.add(0, _PERIOD_MS)
    the_line.expect(due, _PERIOD_MS, 1000)
    due = strokes(the_line, sensor, due, 100)
    gc.collect()
    reads = sensor.reads
    began_us = time.ticks_us()
    allocated = gc.mem_alloc()
    strokes(the_line, sensor, due, _STROKES)
    allocated = gc.mem_alloc() - allocated
    used_us = time.ticks_diff(time.ticks_us(), began_us)
    return {
        "samples_most": (sensor.reads - reads) / _STROKES,
        "samples": _samples_in_quiet_times(),
        "us": used_us / _STROKES,
        "bytes_kept": kept,
        "bytes_allocated": allocated,
    }


print(json.dumps({"decisions": decisions, "costs": costs}[sys.argv[1]]()))
