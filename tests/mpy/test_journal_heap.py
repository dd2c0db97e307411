"""Writing the journal allocates nothing, with the heap locked on the Pico-sized build; and the memory that it holds."""

from collections.abc import Callable

_START = """
import gc, micropython
from plant.parts import flash
from pump.core import conditions, uptime
from pump.journal.journal import Journal
store = flash.Flash()
time = uptime.Uptime(0)
time.s = 1000000
gc.collect()
before = gc.mem_alloc()
journal = Journal(store, time, conditions.Conditions(0), 1)
journal.recover()
gc.collect()
held = gc.mem_alloc() - before
while journal.tend(1000, True):
    pass
journal.save([1, 2, 3])
"""

_LOCKED = (
    _START
    + """
VALUES = [5] * 40

def scenario(journal, strokes):
    for stroke in range(strokes):
        if not (journal.intent(250000) and journal.done() and journal.write(3, stroke, -stroke)):
            raise ValueError
        if stroke % 50 == 0 and not (journal.save(VALUES) and journal.save_settings(VALUES)):
            raise ValueError
        journal.tend(1000, stroke % 3 == 0)
        if journal.lacks_erased:
            journal.tend(1000, True)

gc.collect()
before = gc.mem_alloc()
micropython.heap_lock()
try:
    scenario(journal, 1000)
finally:
    micropython.heap_unlock()
print(gc.mem_alloc() - before, store.erases > 20, journal.recover(), journal.strokes_since)
"""
)


def test_strokes_events_snapshots_and_erases_take_none(micropython: Callable[..., str]) -> None:
    assert micropython(_LOCKED, heapsize="1m") == "0 True True 49\n"


def test_a_write_that_has_to_erase_takes_none(micropython: Callable[..., str]) -> None:
    script = _START + (
        "gc.collect()\n"
        "micropython.heap_lock()\n"
        "try:\n"
        "    for _ in range(9 * 254):\n"
        "        if not (journal.intent(250000) and journal.done()):\n"
        "            raise ValueError\n"
        "finally:\n"
        "    micropython.heap_unlock()\n"
        "print(journal.forced_erases > 0)\n"
    )
    assert micropython(script, heapsize="1m") == "True\n"


def test_it_holds_little_memory(micropython: Callable[..., str]) -> None:
    held = int(micropython(_START + "print(held)", heapsize="1m"))
    assert held < 7000, held  # 2560 of it are the ring of the last events
