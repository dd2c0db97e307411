"""Runs on MicroPython: what the firmware costs, printed as JSON.

    micropython tests/bench/core.py start     import time, heap before the import and after the start
    micropython tests/bench/core.py steps     bytes allocated by control steps, and by an answered status

The board is the fake one of the unit tests, which takes little memory and has no flash for the journal.
"""

import gc
import json
import sys
import time


def start():
    gc.collect()
    total = gc.mem_free()
    began_us = time.ticks_us()
    from pump import app

    import_us = time.ticks_diff(time.ticks_us(), began_us)
    import part_fakes

    pump = app.App(part_fakes.Board())
    pump.step()
    gc.collect()
    return {"import_us": import_us, "free_before": total, "free_after": gc.mem_free()}


def steps():
    import pump_rig

    pump = pump_rig.infuse(pump_rig.Pump())
    pump.app.port._heard = False  # sending events to a host is not a control step
    wait_ms, step = pump.board.clock.wait_ms, pump.app.step
    status = pump.frame("status")
    last = pump.controller.account.strokes + 200
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    count = 0
    while pump.controller.account.strokes < last:
        wait_ms(step())
        count += 1
    used = gc.mem_alloc() - before
    pump.board.link.waiting.extend(status)
    sent = len(pump.board.link.sent)
    before = gc.mem_alloc()
    while len(pump.board.link.sent) == sent:  # a pressure sample may come first
        step()
    answered = gc.mem_alloc() - before
    return {"steps": count, "bytes": used, "answer_bytes": answered}


print(json.dumps({"start": start, "steps": steps}[sys.argv[1]]()))
