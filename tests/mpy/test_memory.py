"""The pump fits a Pico's memory: it starts from sources and from compiled files under a heap of 192 kB."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import interpreters
import pytest

_LEAST_FREE = 60_000  # bytes, after the start; a Pico's own heap is larger, its drivers come on top
_MOST_FOR_IMPORTS = 64_000  # bytes, compiled files; frozen ones take a fraction

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
for _ in range(100):
    board.clock.wait_ms(pump.step())
gc.collect()
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


@pytest.mark.parametrize("kind", ["sources", "compiled"])
def test_starts_under_192_kb(
    micropython: Callable[..., str], tmp_path: Path, record_property: Callable[..., None], kind: str
) -> None:
    # The fakes import the app, so they are brought in after it is measured.
    script = _START.replace("import fakes\n", "", 1).replace("board = fakes", "import fakes\nboard = fakes")
    folder = interpreters.ROOT / "firmware"
    if kind == "compiled":
        folder = tmp_path / "mpy"
        folder.mkdir()
        _compile(folder)
    told = json.loads(micropython(script, folder, heapsize="192k"))
    for name in ("import_bytes", "app_bytes", "free_bytes"):
        record_property(f"{kind}.{name}", told[name])
    print(kind, told)
    assert told["from"].startswith(str(folder))
    assert told["state"] == 1
    assert told["free_bytes"] >= _LEAST_FREE
    assert told["import_bytes"] <= _MOST_FOR_IMPORTS


def test_requests_and_answers_leave_no_memory_behind(micropython: Callable[..., str]) -> None:
    script = """
import gc
import fakes
pump = fakes.infuse(fakes.Pump(), 1000)
def talk():
    for _ in range(50):
        for command in ("status", "params", "log", "alarms", "therapy", "hello"):
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
    assert int(micropython(script, heapsize="192k")) < 1000
