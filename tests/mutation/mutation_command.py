"""Runs the unit tests of one firmware file in CPython, in the folder of a copy of the tree.

    mutation_command.py record FILE RECORD TEST…
        runs all tests of TEST (dose/test_schedule …); writes to RECORD their durations, and which statements of FILE
        they execute
    mutation_command.py run FILE RECORD
        runs the tests that execute the statement in which FILE has changed since, the quickest first, up to the first
        failure; all if nothing has changed
    mutation_command.py call NODE…
        runs tests (tests/unit/dose/test_schedule.py, or with ::function) up to the first failure, and prints its name;
        exit code 1 for a test that fails, 2 for a file that can't be imported
"""

import ast
import builtins
import importlib
import itertools
import json
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

_SEARCHED = ("tests/unit/rigs", "tests/unit/chip_models", "tests/shim", "firmware", "hil")
# A mutant may loop for ever or fill the memory. A test with a mutant may take this many times its duration, which was
# measured while its lines were recorded, and this much more. The signal of that timer ends the process.
_MEMORY_BYTES = 1 << 30
_PATIENCE = 4
_PATIENCE_S = 2

# Longer tests are left out where a shorter one executes the statement, because few tests take most of the time.
_LONG_S = 1

# "source": of the file; "tests": rows of test file, function, processor time (s), first lines of executed statements
Record = dict[str, Any]


def main(verb: str, *words: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    sys.path[:0] = [str(Path(folder).resolve()) for folder in _SEARCHED]
    if verb == "call":
        sys.exit(call(words))
    file, record, *names = words
    if verb == "record":
        Path(record).write_text(json.dumps(recorded(Path(file).resolve(), names)))
    else:
        run(json.loads(Path(record).read_text()), Path(file).read_text())


def call(nodes: tuple[str, ...]) -> int:
    for node in nodes:
        file, _, function = node.partition("::")
        try:
            tests = vars(imported(file.removeprefix("tests/unit/").removesuffix(".py")))
        except Exception:  # noqa: BLE001  # a change can raise anything
            traceback.print_exc()
            return 2
        for word in [function] if function else [word for word in tests if word.startswith("test_")]:
            try:
                tests[word]()
            except Exception:  # noqa: BLE001
                traceback.print_exc()
                print(f"FAILED {file}::{word}")
                return 1
    return 0


def imported(path: str) -> ModuleType:
    folder, _, name = path.rpartition("/")
    at = str(Path("tests/unit", folder).resolve())
    if at not in sys.path:
        sys.path.append(at)
    return importlib.import_module(name)


def recorded(file: Path, names: list[str]) -> Record:
    """Runs the tests with the file instrumented; it gets its source back."""
    source = file.read_text()
    executed = builtins.executed_statements = set()  # type: ignore[attr-defined]
    rows = []
    file.write_text(instrumented(source))
    try:
        for path in names:
            for word, test in list(vars(imported(path)).items()):
                if word.startswith("test_"):
                    executed.clear()
                    begin = time.process_time()
                    test()
                    rows.append((path, word, time.process_time() - begin, sorted(executed)))
    finally:
        file.write_text(source)
    return {"source": source, "tests": sorted(rows, key=lambda row: row[2])}


def instrumented(source: str) -> str:
    """The source with a call before each statement of a function that adds the statement's line to a set."""
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inside = {id(part): part for function in functions for part in ast.walk(function)}
    for node in inside.values():
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                calls = [ast.parse(f"executed_statements.add({one.lineno})").body[0] for one in block]
                setattr(node, name, [one for pair in zip(calls, block, strict=True) for one in pair])
    return ast.unparse(tree)


def run(record: Record, source: str) -> None:
    statement = changed_statement(record["source"], source)
    tests = [row for row in record["tests"] if statement is None or statement in row[3]]
    for path, word, seconds, _ in [row for row in tests if row[2] < _LONG_S] or tests:
        test = getattr(imported(path), word)
        signal.setitimer(signal.ITIMER_VIRTUAL, _PATIENCE_S + _PATIENCE * seconds)
        test()
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def changed_statement(before: str, after: str) -> int | None:
    """The line of the innermost statement in which two sources differ first.

    None stands for no difference, and for a statement that is executed by an import: any test can depend on it.
    """
    pairs = itertools.zip_longest(before.splitlines(), after.splitlines())
    changed = next((number for number, (old, new) in enumerate(pairs, 1) if old != new), None)
    if changed is None:
        return None
    statements = [node for node in ast.walk(ast.parse(before)) if isinstance(node, ast.stmt)]  # the outer ones first
    around = [node for node in statements if first_line(node) <= changed <= (node.end_lineno or 0)]
    return around[-1].lineno if any(isinstance(node, ast.FunctionDef) for node in around[:-1]) else None


def first_line(statement: ast.stmt) -> int:
    """The line at which a statement begins, its decorators included."""
    return min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", []))])


if __name__ == "__main__":
    main(*sys.argv[1:])
