"""Each test function of tests/unit is three pytest items: one in CPython, one in each MicroPython build.

Each interpreter is started once per file, when its first item is due, and runs all selected functions of the file. The
items are found in the file's text, so that collecting starts no process.
"""

import ast
import linecache
import re
import secrets
import selectors
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import interpreters
import pytest

_RUNNER = Path("tests/unit/rigs/runner.py")
_HEAP = "4m"
_HERE = Path(__file__).parent


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if not (file_path.name.startswith("test_") and file_path.suffix == ".py"):
        return None
    return MicroPythonFile.from_parent(parent, path=file_path)


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as long all items of the stock build, and those that a file names in `LONG` with a reason."""
    reasons: dict[Path, dict[str, str]] = {}
    for item in items:
        if item.path.is_relative_to(_HERE):
            if item.path not in reasons:
                reasons[item.path] = _long(item.path)
            on_stock = isinstance(item, MicroPythonItem) and item.interpreter != interpreters.OF_RECORD
            known = reasons[item.path].get(item.name.partition("[")[0])
            reason = "on a second build of MicroPython" if on_stock else known
            if reason:
                item.add_marker(pytest.mark.long(reason))


def _long(path: Path) -> dict[str, str]:
    """The long tests of a file, each with its reason, from its constant LONG."""
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "LONG":
            return dict(ast.literal_eval(node.value))
    return {}


class Failed(Exception):
    """What MicroPython said about a function that failed."""


class MicroPythonFile(pytest.File):
    """The test functions of one file, once for each interpreter."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(**rest)
        self._outcomes: dict[str, dict[str, Outcome]] = {}

    def collect(self) -> Iterator["MicroPythonItem"]:
        try:
            body = ast.parse(self.path.read_bytes()).body
        except SyntaxError:
            return  # the CPython module of the same file reports the error
        functions = [node for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
        for interpreter in interpreters.ROLES:
            for node in functions:
                name = f"{node.name}[{interpreter}]"
                yield MicroPythonItem.from_parent(self, name=name, node=node, interpreter=interpreter)

    def outcome(self, item: "MicroPythonItem") -> "Outcome":
        """The outcome of an item. The first call for an interpreter runs all functions selected for it."""
        known = self._outcomes.get(item.interpreter, {})
        if item.test not in known:
            items = [other for other in self.session.items if isinstance(other, MicroPythonItem)]
            picked = [other.test for other in items if (other.parent, other.interpreter) == (self, item.interpreter)]
            known = run(item.interpreter, self.path, picked)
            self._outcomes[item.interpreter] = known
        return known[item.test]


class MicroPythonItem(pytest.Item):
    def __init__(self, *, node: ast.FunctionDef, interpreter: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.interpreter = interpreter
        self.test = node.name
        self._line = node.lineno - 1

    def runtest(self) -> None:
        assert isinstance(self.parent, MicroPythonFile)
        outcome = self.parent.outcome(self)
        if outcome.printed.strip():
            self.add_report_section("call", "stdout", outcome.printed)
        if outcome.failure is not None:
            raise Failed(outcome.failure)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, Failed | interpreters.NotBuilt):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self._line, self.name


class Outcome:
    """The outcome of one function: `failure` is None or the text to show; `printed` is its output."""

    def __init__(self, failure: str | None, printed: str = "") -> None:
        self.failure, self.printed = failure, printed


def run(
    interpreter: str, module: Path, functions: list[str], item_s: float = interpreters.LONGEST_S
) -> dict[str, Outcome]:
    """Runs functions of one file in one interpreter process; every function gets an outcome, also after a crash.

    `item_s` is the longest time for one function.
    """
    token = f"@{secrets.token_hex(8)}"
    words = interpreters.command(interpreter, _RUNNER, token, module, *functions, heap_size=_HEAP)
    child = subprocess.Popen(
        words, cwd=interpreters.ROOT, env=interpreters.environment(),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    with child:
        try:
            output, hung = _read(child, token.encode(), item_s)
        finally:
            child.kill()
    ended = f"hung: no end after {item_s:.0f} s" if hung else _ending(child.wait())
    return _outcomes(interpreter, functions, output, token, ended)


def _read(child: "subprocess.Popen[bytes]", token: bytes, item_s: float) -> tuple[str, bool]:
    """The output of the child, and whether it hung; the time limit applies to each function."""
    assert child.stdout
    output = b""
    marks, deadline = 0, time.monotonic() + item_s
    with selectors.DefaultSelector() as waiting:
        waiting.register(child.stdout, selectors.EVENT_READ)
        while True:
            if output.count(token) != marks:
                marks, deadline = output.count(token), time.monotonic() + item_s
            if not waiting.select(max(0, deadline - time.monotonic())):
                return output.decode(errors="replace"), True
            piece = child.stdout.read1(65536)  # type: ignore[attr-defined]
            if not piece:
                return output.decode(errors="replace"), False
            output += piece


def _ending(code: int) -> str:
    return f"died of signal {-code}" if code < 0 else f"ended by itself with exit code {code}"


def _outcomes(interpreter: str, functions: list[str], output: str, token: str, ended: str) -> dict[str, Outcome]:
    """Splits the output by the runner's marks. A function without a mark fails with the end of the interpreter."""
    outcomes: dict[str, Outcome] = {}
    running, printed = "", output
    for part in re.split(rf"\n?{token} ", output)[1:]:
        mark, _, printed = part.partition("\n")
        word, _, literal = mark.partition(" ")
        text = ast.literal_eval(literal)
        if word == "import":
            broken = _failure(f"importing the file on {interpreter}", text)
            return {name: Outcome(broken) for name in functions}
        if word == "start":
            running = text
            outcomes[running] = Outcome(None, printed)
        elif word == "failed":
            outcomes[running].failure = _failure(f"on {interpreter}", text)
            running = ""
        elif word == "passed":
            running = ""
    lost = f"The {interpreter} interpreter {ended} in {running or 'this file, outside a test'}."
    if running:
        outcomes[running].failure = lost
    unreached = f"Not run. {lost}" + ("" if running else f" It had printed:\n{printed}")
    return {name: outcomes.get(name) or Outcome(unreached) for name in functions}


def _failure(where: str, traceback: str) -> str:
    """The error and the traceback, with the source lines that MicroPython leaves out and without the runner's lines."""
    shown = []
    lines = traceback.replace(f"{interpreters.ROOT}/", "").splitlines()
    for line in lines:
        place = re.match(r'\s+File "([^"]+)", line (\d+)', line)
        if place and place[1] == str(_RUNNER):
            continue
        shown.append(line)
        if place:
            shown.append("    " + linecache.getline(str(interpreters.ROOT / place[1]), int(place[2])).strip())
    return "\n".join([f"{lines[-1]} ({where})", *shown])
