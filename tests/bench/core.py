"""Runs on MicroPython: what the firmware costs, printed as JSON.

    micropython tests/bench/core.py start     import time, heap before the import and after the start
    micropython tests/bench/core.py steps     bytes allocated by control steps, and by an answered status
    micropython tests/bench/core.py codes     microseconds for the codes of a line and its answer, and for a pairing
    micropython tests/bench/core.py keys      bytes on the heap for keys and a session, and for the whole pump

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
_TURNS = 400
_IN_A_TURN = 50


def codes():
    from pump.link import mac, session, wire, x25519

    codes = session.Session(1, bytes(32), "bench", 2, "e660000000000001", bytes(16), bytes(16), 1)
    good = bytes(codes.code(_LINE))
    first, last = b"x" + good[1:], good[:-1] + b"x"

    def per_call_us(function):
        """Of a short turn; the shortest of many counts, as what else the computer does only adds."""
        began_us = time.ticks_us()
        for _ in range(_IN_A_TURN):
            function()
        return time.ticks_diff(time.ticks_us(), began_us) / _IN_A_TURN

    def shortest_us(*functions):
        """The functions take turns."""
        found = [1e9] * len(functions)
        for _ in range(_TURNS):
            for at, function in enumerate(functions):
                found[at] = min(found[at], per_call_us(function))
        return found

    def pairing():
        for _ in range(2):
            work = x25519.Multiplication(bytes(range(32)), x25519.BASE)
            work.run(255)
            work.result()

    first_us, last_us = shortest_us(lambda: mac.equal(good, first), lambda: mac.equal(good, last))
    checked_us, coded_us, decoded_us = shortest_us(
        lambda: codes.vouches_for(_LINE, good), lambda: codes.code(_LINE), lambda: wire.decode(_LINE)
    )
    pairings_us = []
    for _ in range(5):
        began_us = time.ticks_us()
        pairing()
        pairings_us.append(time.ticks_diff(time.ticks_us(), began_us))
    return {
        "auth_us": checked_us + coded_us,
        "decode_us": decoded_us,
        "first_us": first_us,
        "last_us": last_us,
        "pairing_us": min(pairings_us),
    }


def keys():
    import part_fakes
    from pump import app
    from pump.link import access, session

    def held(make):
        gc.collect()
        before = gc.mem_alloc()
        made = make()
        gc.collect()
        return made, gc.mem_alloc() - before

    board = part_fakes.Board()
    pump, pump_bytes = held(lambda: app.App(board))
    _own, access_bytes = held(lambda: access.Access(board, pump.conditions, pump.uptime, pump.journal))
    _opened, session_bytes = held(
        lambda: session.Session(1, bytes(32), "bench", 2, "e660000000000001", bytes(16), bytes(16), 1)
    )
    return {"keys_bytes": access_bytes + session_bytes, "pump_bytes": pump_bytes}


print(json.dumps({"start": start, "steps": steps, "codes": codes, "keys": keys}[sys.argv[1]]()))
