"""The pump fits a Pico's memory: compiled, it starts and runs a plan of twelve cycles under a heap of 192 kB."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import interpreters

_LEAST_FREE = 40_000  # bytes, after the start; a Pico's own heap is larger, its drivers come on top
_MOST_FOR_IMPORTS = 120_000  # bytes, compiled files; frozen ones take a fraction

_START = """
import gc, json, sys
sys.path.insert(0, sys.argv[1])
import fakes
gc.collect()
before = gc.mem_alloc()
from pump import app
gc.collect()
imported = gc.mem_alloc()
board = fakes.Board()
gc.collect()
bare = gc.mem_alloc()
pump = app.App(board)
gc.collect()
made = gc.mem_alloc()
plan = fakes.Pump()
fakes.infuse(plan, fields=fakes.alternating(1000, 336, 12))
plan.run(86400000)
del pump, board
gc.collect()
pump = plan.app
print(json.dumps({
    "import_bytes": imported - before, "app_bytes": made - bare, "free_bytes": gc.mem_free(),
    "state": pump.supervisor.state, "from": app.__file__,
}))
"""


def _compile(folder: Path) -> None:
    """The firmware's logic as .mpy files."""
    for source in sorted((interpreters.ROOT / "firmware" / "pump").glob("*.py")):
        target = folder / "pump" / (source.stem + ".mpy")
        target.parent.mkdir(exist_ok=True)
        cross = interpreters.ROOT / "build" / "bin" / "mpy-cross"
        subprocess.run([cross, "-s", source.name, "-o", target, source], check=True, timeout=60)


def test_a_day_of_twelve_cycles_under_192_kb(
    micropython: Callable[..., str], tmp_path: Path, record_property: Callable[..., None]
) -> None:
    # The fakes import the app, so they are brought in after it is measured.
    script = _START.replace("import fakes\n", "", 1).replace("board = fakes", "import fakes\nboard = fakes")
    folder = tmp_path / "mpy"
    folder.mkdir()
    _compile(folder)
    told = json.loads(micropython(script, folder, heapsize="192k"))
    for name in ("import_bytes", "app_bytes", "free_bytes"):
        record_property(name, told[name])
    print(told)
    assert told["from"].startswith(str(folder))
    assert told["state"] == 2
    assert told["free_bytes"] >= _LEAST_FREE
    assert told["import_bytes"] <= _MOST_FOR_IMPORTS


def test_requests_and_answers_leave_no_memory_behind(micropython: Callable[..., str]) -> None:
    script = """
import gc
import fakes
pump = fakes.infuse(fakes.Pump(), 1000)
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
    assert int(micropython(script, heapsize="512k")) < 1000
