"""Runs on MicroPython: strokes of the firmware's schedule alone in a span, printed as one number.

    micropython tests/bench/schedule.py STROKE_PL RATE_UL_DAY SPAN_MS

Ten years at 24 mL/day are 350 million strokes. The schedule's only state is its credit. When the credit has its
starting value again, the strokes since then are a cycle that repeats for ever. So the first cycles are run stroke by
stroke, whole cycles after them are only counted, and the rest is run.
"""

import sys

from pump.dose import schedule as schedules

stroke_pl, rate_ul_day, span_ms = (int(word) for word in sys.argv[1:])
schedule = schedules.Schedule()
schedule.set_stroke(stroke_pl)
schedule.set_rate(rate_ul_day)
strokes = 0
elapsed_ms = 0


def run_until(end_ms: int, at_cycle: bool) -> None:
    """Delivers stroke by stroke until end_ms, or until the credit is 0 again."""
    global strokes, elapsed_ms
    while True:
        wait_ms = schedule.wait_ms()
        if elapsed_ms + wait_ms > end_ms:
            return
        elapsed_ms += wait_ms
        schedule.advance(wait_ms)
        schedule.take()
        strokes += 1
        if at_cycle and schedule.credit == 0:
            return


for _ in range(1000):
    run_until(span_ms, True)
cycles = 0 if schedule.credit else (span_ms - elapsed_ms) // elapsed_ms
strokes += cycles * strokes
elapsed_ms += cycles * elapsed_ms
run_until(span_ms, False)
print(strokes)
