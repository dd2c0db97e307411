"""The pump fits a Pico's memory: what it holds, besides its code, after a day of a plan with twelve cycles."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import interpreters

# Bytes. On a Pico the code is frozen and stays in flash; here it is loaded and takes most of the heap.
# Measured: 214,944 to import, of which each module takes about 250, and 26,528 held; frozen, the first is a fraction.
# The keys of the link are 22,608 and 1,744 of it.
_MOST_FOR_IMPORTS = 222_600
_MOST_HELD = 27_720  # held by a pump after a day, with its journal, as on a Pico
_HEAP = "320k"

_START = """
import gc, json, sys
sys.path.insert(0, sys.argv[1])
import pump_rig
gc.collect()
before = gc.mem_alloc()
from pump import app
gc.collect()
imported = gc.mem_alloc()
class Blank:
    # A blank flash; the memory that the journal takes doesn't depend on the flash.
    size, page_bytes, block_bytes = 64 * 4096, 256, 4096

    def check(self):
        pass

    def read(self, at, buffer):
        for place in range(len(buffer)):
            buffer[place] = 0xFF

    def program(self, at, page):
        pass

    def erase(self, at):
        pass

board = pump_rig.Board(store=Blank())
gc.collect()
bare = gc.mem_alloc()
pump = app.App(board)
gc.collect()
made = gc.mem_alloc()
plan = pump_rig.Pump(store=Blank())
pump_rig.infuse(plan, fields=pump_rig.alternating(1000, 336, 12))
plan.run(86400000)
del pump, board
gc.collect()
pump = plan.app
print(json.dumps({
    "held_bytes": gc.mem_alloc() - bare, "import_bytes": imported - before, "app_bytes": made - bare,
    "free_bytes": gc.mem_free(),
    "state": pump.controller.supervisor.state, "from": app.__file__,
}))
"""


def _compile(folder: Path) -> None:
    """The firmware's logic as .mpy files."""
    for source in sorted((interpreters.ROOT / "firmware" / "pump").rglob("*.py")):
        target = folder / source.relative_to(interpreters.ROOT / "firmware").with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        cross = interpreters.ROOT / "build" / "bin" / "mpy-cross"
        subprocess.run([cross, "-s", source.name, "-o", target, source], check=True, timeout=interpreters.LONGEST_S)


def test_a_day_of_twelve_cycles(
    micropython: Callable[..., str], tmp_path: Path, record_property: Callable[..., None]
) -> None:
    # The fakes import the app, so they are imported after it is measured.
    script = _START.replace("import pump_rig\n", "", 1).replace("class Blank", "import pump_rig\nclass Blank")
    folder = tmp_path / "mpy"
    folder.mkdir()
    _compile(folder)
    told = json.loads(micropython(script, folder, heapsize=_HEAP))
    for name in ("import_bytes", "app_bytes", "held_bytes", "free_bytes"):
        record_property(name, told[name])
    print(told)
    assert told["from"].startswith(str(folder))
    assert told["state"] == 2
    assert told["held_bytes"] <= _MOST_HELD
    assert told["import_bytes"] <= _MOST_FOR_IMPORTS


def test_requests_and_answers_leave_no_memory_behind(micropython: Callable[..., str]) -> None:
    script = """
import gc
import pump_rig
pump = pump_rig.infuse(pump_rig.Pump(), 1000)
def talk():
    for _ in range(50):
        for command in ("status", "params", "log", "alarms", "therapy", "hello", "dose", "draft"):
            pump.do(command)
        pump.say(b"garbage~\\n")
    pump.board.link.sent = bytearray()
talk()
gc.collect()
before = gc.mem_alloc()
for _ in range(5):
    talk()
gc.collect()
print(gc.mem_alloc() - before)
"""
    assert int(micropython(script, heapsize="1m")) < 1000
