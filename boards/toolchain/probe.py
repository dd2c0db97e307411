"""Runs on the interpreter under test, prints its properties as a Python literal. Argument: number of an open socket."""

import gc
import sys

missing = []
for module, verb in (
    ("select", "poll"),
    ("binascii", "crc32"),
    ("hashlib", "sha256"),
    ("json", "dumps"),
    ("struct", "pack_into"),
    ("micropython", "heap_lock"),
):
    try:
        getattr(__import__(module), verb)
    except (ImportError, AttributeError):
        missing.append(module + "." + verb)

try:
    with open(int(sys.argv[1]), "r+b") as socket:
        if socket.read(1) == b"?":
            socket.write(b"!")
except (OSError, TypeError):
    missing.append("open(number, 'r+b')")

try:
    import time

    ticks_top = time.ticks_add(0, -1)
except (ImportError, AttributeError):
    ticks_top = 0
    missing.append("time.ticks_add")

print(
    {
        "name": sys.implementation.name,
        "version": sys.implementation.version[:3],
        "single_floats": 1.0 + 1e-9 == 1.0,
        "ticks_top": ticks_top,
        "word_top": sys.maxsize,
        "heap_bytes": gc.mem_alloc() + gc.mem_free(),
        "missing": missing,
    }
)
