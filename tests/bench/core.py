"""Runs on MicroPython: what the firmware costs, printed as JSON.

    micropython tests/bench/core.py start     import time, heap before the import and after the start
    micropython tests/bench/core.py steps     bytes allocated by control steps, and by an answered status

`start` uses parts that do nothing, so that the heap is the firmware's alone.
"""

import gc
import json
import sys
import time


class Parts:
    """All parts of a board in one, doing nothing; bytes put into `inbox` arrive on the link."""

    NAME = IMAGE = "bench"
    PARTS = ()

    def __init__(self):
        self.clock = self.drive = self.pressure = self.level = self.annunciator = self.link = self.watchdog = self
        self.now = 0
        self.inbox = b""
        self.steps = 0

    def ticks_ms(self):
        return self.now

    def start(self, steps, interval_us):
        self.steps = steps

    def steps_done(self):
        return self.steps

    def stop(self):
        pass

    def begin(self):
        pass

    def read_pa(self):
        return 13000

    def read_nl(self):
        return 16000000

    def show(self, priority):
        pass

    def sound(self, priority):
        pass

    def run(self, now):
        return -1

    def read_into(self, buffer):
        count = len(self.inbox)
        if count:
            buffer[:count] = self.inbox
            self.inbox = b""
        return count

    def write(self, data):
        return len(data)


def start():
    gc.collect()
    total = gc.mem_free()
    began_us = time.ticks_us()
    from pump import app

    import_us = time.ticks_diff(time.ticks_us(), began_us)
    pump = app.App(Parts())
    pump.step()
    gc.collect()
    return {"import_us": import_us, "free_before": total, "free_after": gc.mem_free()}


def steps():
    from pump import app, defs, ticks

    parts = Parts()
    pump = app.App(parts)
    pump.step()
    pump.reservoir.fill(16000000, defs.FLUID_SALINE)
    shape = {"profile": defs.PROFILE_CONTINUOUS, "phase_h": 1, "cycles": 1, "fluid": defs.FLUID_SALINE}
    shape["rate_ul_day"] = 1000
    pump.set_plan(shape, parts.now)
    pump.request(defs.BIT_ASK_START, parts.now)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    count = 0
    while pump.delivery.strokes < 200:
        parts.now = ticks.add(parts.now, pump.step())
        count += 1
    used = gc.mem_alloc() - before
    parts.inbox = b"status\n"
    before = gc.mem_alloc()
    pump.step()
    answered = gc.mem_alloc() - before
    return {"steps": count, "bytes": used, "answer_bytes": answered}


print(json.dumps({"start": start, "steps": steps}[sys.argv[1]]()))
