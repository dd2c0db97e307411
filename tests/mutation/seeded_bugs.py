"""`make canaries`: plants the bugs of seeded_bugs.toml and hand_made_faults.toml, each in its own copy, and checks that
the tests catch it.

    build/venv/bin/python tests/mutation/seeded_bugs.py [--jobs N] [NAME…]

In the copy without the bug the tests pass; with the bug they must fail by an assertion, not by a file that can't be
imported. Unit tests are called in CPython at first, without pytest, which starts in seconds; where they find nothing,
pytest runs them with every interpreter. Results are saved in build/canaries, so a stopped run continues; they are valid
until a source or a test changes. Exit code 1 when a bug is not caught.
"""

from __future__ import annotations

import argparse
import compileall
import hashlib
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_OUT = ROOT / "build/canaries"
_COPIED = ("firmware", "hil", "tests", "boards", "host/src", "pyproject.toml")
_LINKED = ("bin", "venv", "typings", "emulator", "firmware")  # of build, from `make setup` and `make firmware`
_UNHASHED = ("test_", "seeded_bugs", "hand_made_faults")  # beginnings of names; results know of these otherwise
_LONGEST_S = 600  # as interpreters.LONGEST_S, which this program can't import when it runs by itself
Bug = dict[str, Any]


class Broken(Exception):
    """A bug can't be tried: its text is gone, or its tests fail without it."""


def bugs(*files: str) -> list[Bug]:
    """The bugs of these files of tests/mutation, by default of both."""
    found: list[Bug] = []
    for name in files or ("seeded_bugs", "hand_made_faults"):
        found += tomllib.loads((ROOT / f"tests/mutation/{name}.toml").read_text())["bug"]
    return found


def planted(bug: Bug, text: str) -> str:
    """The file's text with the bug."""
    count = text.count(bug["old"])
    if count != 1:
        raise Broken(f"{bug['name']}: its old text occurs {count} times in {bug['file']}")
    return text.replace(bug["old"], bug["new"])


def copy_tree(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for part in _COPIED:
        source, target = ROOT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    (folder / "build").mkdir()
    for name in _LINKED:
        (folder / "build" / name).symlink_to((ROOT / "build" / name).resolve())
    compileall.compile_dir(folder, quiet=2)  # once, as no run writes compiled files


def run_tests(folder: Path, tests: list[str], *options: str) -> tuple[int, str]:
    """Returns pytest's exit code and output."""
    return run_python(folder, "-m", "pytest", "-q", "--no-header", *options, *tests)


def call_tests(folder: Path, tests: list[str]) -> tuple[int, str]:
    """As run_tests, without pytest and in CPython only; tests of other folders than tests/unit are left out."""
    return run_python(folder, "tests/mutation/mutation_command.py", "call", *filter(is_unit, tests))


def is_unit(test: str) -> bool:
    return test.startswith("tests/unit/")


def run_python(folder: Path, *words: str) -> tuple[int, str]:
    """Returns exit code and output. Writes no compiled files, as bugs may change within the same second."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "host/src"), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False,
            timeout=_LONGEST_S,
        )
    except subprocess.TimeoutExpired:
        return -1, f"no end after {_LONGEST_S} s"
    return done.returncode, done.stdout + done.stderr


def evaluate(bug: Bug, folder: Path) -> dict[str, Any]:
    """Plants one bug and removes it; returns whether the tests caught it, and which was first."""
    path = folder / bug["file"]
    text = path.read_text()
    path.write_text(planted(bug, text))
    try:
        code, output = call_tests(folder, bug["tests"])
        if code != 1:
            code, output = run_tests(folder, bug["tests"], "-x")
    finally:
        path.write_text(text)
    first = re.search(r"^FAILED (\S+)", output, re.MULTILINE)
    by = first[1] if first else ""
    return {"name": bug["name"], "caught": code == 1, "by": by, "code": code, "output": output}


def key_of_tree() -> str:
    """A hash of all sources that a test may use, without the test files."""
    whole = hashlib.sha256()
    for part in _COPIED:
        paths = sorted((ROOT / part).rglob("*")) if (ROOT / part).is_dir() else [ROOT / part]
        for path in paths:
            if path.suffix in (".py", ".toml", ".json") and not path.name.startswith(_UNHASHED):
                whole.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return whole.hexdigest()


class Results:
    """Stored results in build/canaries/results.json; a row is valid for one tree, its tests and its own text."""

    def __init__(self) -> None:
        self._path = _OUT / "results.json"
        self._tree = key_of_tree()
        self._rows: dict[str, Any] = json.loads(self._path.read_text()) if self._path.exists() else {}
        self._lock = threading.Lock()

    def _key(self, tests: list[str], about: object) -> str:
        files = b"".join((ROOT / test.partition("::")[0]).read_bytes() for test in tests)
        return hashlib.sha256(self._tree.encode() + files + json.dumps(about, sort_keys=True).encode()).hexdigest()

    def get(self, name: str, tests: list[str], about: object = None) -> Any:
        row = self._rows.get(name)
        return row["found"] if row and row["key"] == self._key(tests, about) else None

    def put(self, name: str, tests: list[str], found: object, about: object = None) -> None:
        with self._lock:
            self._rows[name] = {"key": self._key(tests, about), "found": found}
            self._path.write_text(json.dumps(self._rows, indent=1, sort_keys=True) + "\n")


def run(chosen: list[Bug], jobs: int, results: Results) -> list[dict[str, Any]]:
    """Tries the bugs without a stored result, `jobs` at a time, and prints each result."""
    folders: queue.Queue[Path] = queue.Queue()
    for number in range(jobs):
        folder = _OUT / f"tree-{number}"
        copy_tree(folder)
        folders.put(folder)

    def borrow(work: Callable[[Path], Any]) -> Any:
        folder = folders.get()
        try:
            return work(folder)
        finally:
            folders.put(folder)

    def pass_without(test: str) -> str:
        if results.get(test, [test]) is None:
            work = call_tests if is_unit(test) else run_tests
            code, output = borrow(lambda folder: work(folder, [test]))
            if code:
                raise Broken(f"{test} fails before anything is planted:\n{output}")
            results.put(test, [test], True)
        return f"{test} passes without a bug"

    def one(bug: Bug) -> str:
        found = results.get(bug["name"], bug["tests"], bug)
        if found is None:
            found = borrow(lambda folder: evaluate(bug, folder))
            results.put(bug["name"], bug["tests"], found, bug)
        how = f"caught by {found['by']}" if found["caught"] else f"NOT CAUGHT (pytest's code {found['code']})"
        return f"{found['name']}: {how}"

    tests = sorted({test for bug in chosen for test in bug["tests"]})
    turns: list[tuple[Callable[[Any], str], list[Any]]] = [(pass_without, tests), (one, chosen)]
    with ThreadPoolExecutor(jobs) as pool:
        for work, items in turns:
            waiting = [pool.submit(work, item) for item in items]
            try:
                for count, end in enumerate(as_completed(waiting), 1):
                    print(f"{count:3}/{len(items)} {end.result()}", flush=True)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    return [results.get(bug["name"], bug["tests"], bug) for bug in chosen]


def summary(chosen: list[Bug], found: list[dict[str, Any]]) -> str:
    caught = sum(row["caught"] for row in found)
    rows = ["# Planted bugs", "", f"{caught} of {len(chosen)} were caught.", ""]
    rows += ["| bug | file | what it would do | first caught by |", "|---|---|---|---|"]
    for bug, row in zip(chosen, found, strict=True):
        by = f"`{row['by'].removeprefix('tests/')}`" if row["caught"] else "**nothing**"
        rows.append(f"| {bug['name']} | `{bug['file']}` | {bug['why']} | {by} |")
    return "\n".join(rows) + "\n"


def keep(found: list[dict[str, Any]], missed: list[dict[str, Any]]) -> None:
    """The figures of all bugs, and of those that were made up by hand."""
    import figures  # of tests/bench

    caught = len(found) - len(missed)
    by_hand = {bug["name"] for bug in bugs("hand_made_faults")}
    escapes = sum(row["name"] in by_hand for row in missed)
    figures.keep(
        [
            figures.Figure("canaries.total", len(found), "bugs", None, 25, "least", "make canaries"),
            figures.Figure("canaries.caught", caught, "bugs", None, len(found), "least", "make canaries"),
            figures.Figure("safety.escapes", escapes, f"of {len(by_hand)} faults", None, 3, "most", "make canaries"),
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Plants bugs and sees whether the tests catch them.")
    parser.add_argument("names", nargs="*", help="bugs of seeded_bugs.toml; all without")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="bugs at a time")
    arguments = parser.parse_args()
    every = bugs()
    unknown = set(arguments.names) - {bug["name"] for bug in every}
    if unknown:
        parser.error(f"no such bug: {', '.join(sorted(unknown))}")
    sys.path += [str(ROOT / "tests"), str(ROOT / "tests/bench")]
    chosen = [bug for bug in every if not arguments.names or bug["name"] in arguments.names]
    _OUT.mkdir(parents=True, exist_ok=True)
    found = run(chosen, arguments.jobs, Results())
    missed = [row for row in found if not row["caught"]]
    for row in missed:
        print(f"\n---- {row['name']} was not caught:\n{row['output']}")
    if not arguments.names:
        (_OUT / "summary.md").write_text(summary(chosen, found))
        keep(found, missed)
    print(f"{len(found) - len(missed)} of {len(found)} planted bugs were caught.")
    return 1 if missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Broken as error:
        sys.exit(f"canaries: {error}")
    except KeyboardInterrupt:
        sys.exit("canaries: stopped; run it again to continue.")
