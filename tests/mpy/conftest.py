"""The fixture for tests that run a script on a MicroPython build."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import interpreters
import pytest


@pytest.fixture
def micropython(tmp_path: Path) -> Callable[..., str]:
    """Runs a script (its text, or a Path) and returns its output; if the script fails, the test fails with that output.

    `micropython("import gc; print(gc.mem_free())", heapsize="192k")`, `interpreter="stock"` for the other build.
    """

    def run(
        script: str | Path,
        *arguments: object,
        heapsize: str | None = None,
        interpreter: str = "pico-sized",
        timeout_s: float = interpreters.LONGEST_S,
    ) -> str:
        if isinstance(script, str):
            path = tmp_path / "script.py"
            path.write_text(script)
        else:
            path = script
        try:
            words = interpreters.command(interpreter, path, *arguments, heap_size=heapsize)
        except interpreters.NotBuilt as error:
            pytest.fail(str(error), pytrace=False)
        try:
            done = subprocess.run(
                words, cwd=interpreters.ROOT, env=interpreters.environment(), timeout=timeout_s, check=False,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            )
        except subprocess.TimeoutExpired as error:
            pytest.fail(f"On {interpreter}: no end after {timeout_s} s. It had printed:\n{error.stdout}", pytrace=False)
        if done.returncode:
            pytest.fail(f"On {interpreter}: exit code {done.returncode}. It printed:\n{done.stdout}", pytrace=False)
        return done.stdout

    return run
