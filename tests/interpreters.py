"""The MicroPython programs that `make setup` built, and how a test starts a process. Runs in CPython."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# Name in tests: key in build/bin/toolchain.json.
OF_RECORD = "pico-sized"
ROLES = {"pico-sized": "interpreter", "stock": "stock"}
# The longest time that a test waits for a process. Only a hung process takes so long, also on a machine under load.
LONGEST_S = 600
_SEARCHED = (".frozen", "firmware", "hil", "tests/unit/rigs", "tests/unit/chip_models")


class NotBuilt(Exception):
    """This interpreter has not been built."""


def program(name: str) -> Path:
    """The path of "pico-sized" (the interpreter of record) or "stock"."""
    table = ROOT / "build" / "bin" / "toolchain.json"
    try:
        path = Path(json.loads(table.read_text())[ROLES[name]])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotBuilt(f"There is no {name} MicroPython here ({table.relative_to(ROOT)}): run make setup") from error
    if not os.access(path, os.X_OK):
        raise NotBuilt(f"The {name} MicroPython {path} is gone: run make setup")
    return path


def command(name: str, script: Path, *arguments: object, heap_size: str | None = None) -> list[str]:
    """The command that starts a script; `heap_size` as in "192k", None for MicroPython's default."""
    limit = ["-X", f"heapsize={heap_size}"] if heap_size else []
    return [str(program(name)), *limit, str(script), *map(str, arguments)]


def environment() -> dict[str, str]:
    """Firmware, plant and unit tests on the path; relative, so that a traceback shows paths as a user types them."""
    return {**os.environ, "MICROPYPATH": ":".join(_SEARCHED)}


@contextmanager
def started(words: Sequence[object], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """Starts a process, as subprocess.Popen does; kills it if the test fails, where Popen would wait for its end."""
    with subprocess.Popen([str(word) for word in words], **options) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise
