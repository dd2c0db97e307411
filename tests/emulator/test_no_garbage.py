"""The firmware with its drivers allocates nothing: a development image infuses, started from its REPL."""

from __future__ import annotations

import subprocess
import sys

from emulated_run import DEVELOPMENT, EMULATOR, WITH_IMAGE, wait_for_repl
from emulator import emulate
from interpreters import LONGEST_S

pytestmark = [*EMULATOR, WITH_IMAGE]

# An allocation in a sample would come some 33 times a stroke. The collector is off, as it would hide it.
INFUSE = """
import gc
import board
from pump import app, defs
from pump.occlusion import stroke_rise

pump = app.App(board)
monitor = pump.controller.monitor
def steps(count):
    for _ in range(count):
        board.clock.wait_ms(pump.step())

for row in defs.TRANSITIONS + defs.ALARMS + defs.PARAMS:
    for number in row:
        if isinstance(number, int) and number is not int(str(number)):
            print("big", number)
while pump.controller.supervisor.state == defs.STATE_SELF_TEST or pump.journal.lacks_erased:
    steps(1)
begin = pump.uptime.now
monitor.set_interval(3000)
monitor.expect(begin + 6000, 3000, 1000)
steps(8)  # first-time steps may allocate permanent objects
before = count = 0  # the first use of a name allocates
gc.collect()
gc.disable()
before = gc.mem_alloc()
while monitor.stroke.pre_stroke_pa == stroke_rise.NO_VALUE:
    steps(1)
    count += 1
print("allocated", gc.mem_alloc() - before, count)
"""


def test_the_loop_allocates_nothing_and_the_tables_have_small_integers() -> None:
    with emulate.Emulated(DEVELOPMENT, []) as emulated:
        wait_for_repl(emulated.port)
        command = [sys.executable, "-m", "mpremote", "connect", emulated.port, "exec", INFUSE]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, check=False)
    word, taken, steps = done.stdout.split()  # and no line about a big integer
    assert (word, taken) == ("allocated", "0"), done.stdout + done.stderr
    assert int(steps) > 10
