"""What the firmware costs: memory, import time, size."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess

import interpreters
from figures import Figure, Group, on_micropython, span

_PUMP = interpreters.ROOT / "firmware/pump"
_COMPILED = "build/bench/mpy"
# A Pico's heap, and space for the code: on a Pico it is frozen in flash, here it is loaded into memory.
_HEAP = "1m"
_RUNS = span(7, 1)


def compile_firmware() -> int:
    """Compiles firmware/pump into build/bench/mpy as for the Pico; returns the bytes of all its .mpy files."""
    cross = json.loads((interpreters.ROOT / "build/bin/toolchain.json").read_text())["mpy_cross"]
    folder = interpreters.ROOT / _COMPILED
    shutil.rmtree(folder, ignore_errors=True)
    size = 0
    for source in sorted(_PUMP.rglob("*.py")):
        name = source.relative_to(_PUMP.parent)
        target = folder / name.with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([cross, "-s", name.as_posix(), "-o", target, source], check=True)
        size += target.stat().st_size
    return size


def compiled_bytes(*modules: str) -> int:
    """The bytes of these modules' .mpy files, after `compile_firmware`; a module is named as in "link/session"."""
    return sum((interpreters.ROOT / _COMPILED / "pump" / f"{module}.mpy").stat().st_size for module in modules)


def sources_bytes() -> int:
    return sum(source.stat().st_size for source in _PUMP.rglob("*.py"))


def size() -> list[Figure]:
    return [Figure("core.mpy_bytes", compile_firmware(), "bytes", sources_bytes(), None)]


def start() -> list[Figure]:
    """Free heap and import time of .mpy files, with a heap of 1 MB; baselines: empty heap, import of sources.

    On a Pico the code stays in flash; pico.free_heap_bytes is its free heap.
    """
    compile_firmware()
    path = f".frozen:{_COMPILED}:tests/unit/rigs"
    compiled = [on_micropython("core.py", "start", heap_size=_HEAP, path=path) for _ in range(_RUNS)]
    plain = [on_micropython("core.py", "start", heap_size=_HEAP) for _ in range(_RUNS)]
    compiled_ms = statistics.median(row["import_us"] for row in compiled) / 1000
    plain_ms = statistics.median(row["import_us"] for row in plain) / 1000
    first = compiled[0]
    return [
        Figure("core.free_heap_bytes", first["free_after"], "bytes", first["free_before"], None),
        Figure("core.import_ms", compiled_ms, "ms", plain_ms, None),
    ]


def steps() -> list[Figure]:
    """Bytes allocated by a control step; the baseline is a step that answers a status on the link."""
    row = on_micropython("core.py", "steps")
    return [Figure("core.alloc_bytes_per_step", row["bytes"] / row["steps"], "bytes", row["answer_bytes"], 0)]


GROUPS = [
    Group(("core.mpy_bytes",), "size of the compiled firmware", size),
    Group(("core.free_heap_bytes", "core.import_ms"), "heap and import", start),
    Group(("core.alloc_bytes_per_step",), "allocation in control steps", steps),
]
