"""Runs on MicroPython: what the firmware costs, printed as JSON.

    micropython tests/bench/core.py start     import time, heap before the import and after the start
    micropython tests/bench/core.py steps     bytes allocated by control steps, and by an answered status
    micropython tests/bench/core.py codes     microseconds for the codes of a line and its answer, and for a pairing

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


_LINE = b'{"id":123456789,"cmd":"rate","ul_day":1200,"override":"soft_rate"}'
_TIMES = 1000


def codes():
    from pump.link import mac, session, wire, x25519

    codes = session.Session(1, bytes(32), "bench", 2, "e660000000000001", bytes(16), bytes(16), 1)
    good = bytes(codes.code(_LINE))
    first, last = b"x" + good[1:], good[:-1] + b"x"

    def per_call_us(function):
        began_us = time.ticks_us()
        for _ in range(_TIMES):
            function()
        return time.ticks_diff(time.ticks_us(), began_us) / _TIMES

    def pairing():
        for _ in range(2):
            work = x25519.Multiplication(bytes(range(32)), x25519.BASE)
            work.run(255)
            work.result()

    compared_us = [[], []]
    for _ in range(25):  # in turn, and the shortest counts: what else the computer does only adds
        compared_us[0].append(per_call_us(lambda: mac.equal(good, first)))
        compared_us[1].append(per_call_us(lambda: mac.equal(good, last)))
    began_us = time.ticks_us()
    pairing()
    pairing_us = time.ticks_diff(time.ticks_us(), began_us)
    return {
        "auth_us": per_call_us(lambda: codes.vouches_for(_LINE, good)) + per_call_us(lambda: codes.code(_LINE)),
        "decode_us": per_call_us(lambda: wire.decode(_LINE)),
        "first_us": min(compared_us[0]),
        "last_us": min(compared_us[1]),
        "pairing_us": pairing_us,
    }


print(json.dumps({"start": start, "steps": steps, "codes": codes}[sys.argv[1]]()))
