"""`make mutate`: makes hundreds of small changes to the firmware, one by one, and counts those that unit tests detect.

    build/venv/bin/python tests/mutation/mutation.py [--jobs N] [--minutes M] [--again] [--report] [MODULE…]

mutation.toml lists the modules, mutation_survivors.toml the explained survivors. cosmic-ray's session of each module is
in build/mutate, so a stopped run continues. Changed sources or tests start a new session; with --again only the
survivors of the last one run. Without --again the mutants that have run are a random sample of all, at any time. Writes
build/mutate/summary.md and the figures of build/bench.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import mutation_results
from mutation_results import ROOT, Score, summary
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_OUT = ROOT / "build/mutate"
_PROGRAMS = ROOT / "build/mutate-venv/bin"
_COPIED = ("firmware", "hil", "tests/shim", "tests/unit", "tests/vectors", "tests/mutation/mutation_command.py")
_TABLE = tomllib.loads((ROOT / "tests/mutation/mutation.toml").read_text())
_LONGEST_S = 600  # for a mutant that waits; one that loops ends sooner (mutation_command.py)


class Broken(Exception):
    """The tests of a module fail without a mutant."""


class Module:
    """One firmware file with a copy of the tree, a session and its tests."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tests: list[str] = _TABLE["modules"][name]
        self.path = mutation_results.path_of(name)
        self.folder = _OUT / name
        self.tree = self.folder / "tree"
        self.session = self.folder / "session.sqlite"
        self._key = self.folder / "key"
        self._stopped = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None

    def prepare(self, again: bool) -> None:
        """Makes a copy, and a session for the present sources. A known session only gets its file unchanged again."""
        key, known = self._key_of_all(), self._key.read_text() if self._key.exists() else ""
        if key == known:
            shutil.copy2(ROOT / self.path, self.tree / self.path)
            return
        shutil.rmtree(self.tree, ignore_errors=True)
        for part in _COPIED:
            source, target = ROOT / part, self.tree / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, target)
        self._write_config()
        if again and known.split()[:1] == key.split()[:1]:
            with closing(sqlite3.connect(self.session)) as session, session:
                session.execute("delete from work_results where test_outcome = 'SURVIVED'")
        else:
            self.session.unlink(missing_ok=True)
            self._call("cosmic-ray", "init", self._config, self.session)
            self._call("cr-filter-operators", self.session, self._config)
        self._key.write_text(key)

    def _key_of_all(self) -> str:
        """Two hashes: of the file and the operators, and of everything that the tests run."""
        folders = ("firmware/pump", "firmware/drivers", "hil/plant")
        parts = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
        helpers = [path for folder in ("rigs", "chip_models") for path in (ROOT / "tests/unit" / folder).glob("*.py")]
        parts += [*helpers, *(ROOT / "tests/vectors").iterdir()]
        parts += [ROOT / f"tests/unit/{name}.py" for name in self.tests]
        parts.append(ROOT / "tests/mutation/mutation_command.py")
        own = hashlib.sha256((ROOT / self.path).read_bytes() + json.dumps(_TABLE["operators"]).encode())
        whole = hashlib.sha256(json.dumps(self.tests).encode())
        for path in sorted(parts):
            whole.update(path.read_bytes())
        return f"{own.hexdigest()} {whole.hexdigest()}"

    @property
    def _config(self) -> Path:
        return self.folder / "cosmic-ray.toml"

    def _write_config(self) -> None:
        record = self.folder / "tests.json"
        common = [str(_PROGRAMS / "python"), "tests/mutation/mutation_command.py"]
        for words in (["record", self.path, str(record), *self.tests], ["run", self.path, str(record)]):
            done = subprocess.run([*common, *words], cwd=self.tree, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Broken(f"{', '.join(self.tests)} failed before anything was changed:\n{done.stderr}")
        wanted = "|".join(_TABLE["operators"])
        self._config.write_text(
            f'[cosmic-ray]\nmodule-path = "{self.path}"\ntimeout = {_LONGEST_S}\nexcluded-modules = []\n'
            f'test-command = "{" ".join([*common, *words])}"\n'
            f'[cosmic-ray.distributor]\nname = "local"\n'
            f'[cosmic-ray.filters.operators-filter]\nexclude-operators = ["core/(?!({wanted})$)"]\n'
        )

    def _call(self, program: str, *words: str | Path, longest_s: float | None = None) -> None:
        if self._stopped.is_set():
            return
        self._child = subprocess.Popen(
            [_PROGRAMS / program, *words], cwd=self.tree, stdout=subprocess.DEVNULL, start_new_session=True
        )
        try:
            code = self._child.wait(longest_s)
        except subprocess.TimeoutExpired:
            self._child.terminate()
            self._child.wait()
            return
        if code and not self._stopped.is_set():
            raise Broken(f"{program} failed for {self.name}")

    def run(self, longest_s: float | None) -> None:
        self._call("cosmic-ray", "exec", self._config, self.session, longest_s=longest_s)

    def stop(self) -> None:
        self._stopped.set()
        if self._child and self._child.poll() is None:
            self._child.terminate()

    def counts(self) -> tuple[int, int]:
        """The number of mutants with a result, and of all."""
        with closing(sqlite3.connect(f"file:{self.session}?mode=ro", uri=True, timeout=30)) as session:
            (total,) = session.execute("select count(*) from work_items").fetchone()
            (done,) = session.execute("select count(*) from work_results").fetchone()
            query = "select count(*) from work_results where worker_outcome = 'SKIPPED'"
            (skipped,) = session.execute(query).fetchone()
            return done - skipped, total - skipped

    def score(self) -> Score:
        return mutation_results.score(
            self.name, _PROGRAMS / "cosmic-ray", self.session, (self.tree / self.path).read_text()
        )


def run(modules: Sequence[Module], jobs: int, longest_s: float | None, again: bool, console: Console) -> None:
    """Prepares and runs all modules, `jobs` at a time, each for a limited time, with a progress bar for each."""
    columns = (TextColumn("{task.description:12}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, refresh_per_second=1) as bars, ThreadPoolExecutor(jobs) as pool:
        tasks = {}

        def one(module: Module) -> None:
            module.prepare(again)
            tasks[module] = bars.add_task(module.name, total=module.counts()[1])
            module.run(longest_s)

        ends = [pool.submit(one, module) for module in modules]
        try:
            while not all(end.done() for end in ends):
                time.sleep(1)
                for module, task in list(tasks.items()):
                    bars.update(task, completed=module.counts()[0])
        except BaseException:
            for module in modules:
                module.stop()
            raise
        for end in ends:
            end.result()


def keep(scores: Sequence[Score]) -> None:
    """The figures of the mutants that have run."""
    sys.path += [str(ROOT / "tests"), str(ROOT / "tests/bench")]
    import figures

    total, killed = sum(one.total for one in scores), sum(one.killed for one in scores)
    pending, unexplained = sum(one.pending for one in scores), sum(len(one.unexplained) for one in scores)
    rows: list[tuple[str, float, str, float, str]] = [
        ("score_percent", round(100 * killed / max(1, total), 2), "%", 90, "least"),
        ("ran_percent", round(100 * total / max(1, total + pending), 2), "%", 100, "least"),
        ("unexplained", unexplained, "mutants", 0, "most"),
    ]
    figures.keep(
        figures.Figure(f"mutation.{name}", value, unit, None, goal, bound, "make mutate")
        for name, value, unit, goal, bound in rows
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Mutation testing of the modules in mutation.toml.")
    parser.add_argument("modules", nargs="*", help=f"of {', '.join(_TABLE['modules'])}; all without")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time")
    parser.add_argument("--minutes", type=float, help="longest time for a module; those run by then are a sample")
    parser.add_argument("--again", action="store_true", help="if only tests have changed, run the survivors")
    parser.add_argument("--report", action="store_true", help="run nothing, report the present results")
    arguments = parser.parse_args()
    by_name = {path.rpartition("/")[2]: path for path in _TABLE["modules"]} | {path: path for path in _TABLE["modules"]}
    unknown = [name for name in arguments.modules if name not in by_name]
    if unknown:
        parser.error(f"no such module: {', '.join(unknown)}")
    modules = [Module(by_name[name]) for name in arguments.modules] or [Module(path) for path in _TABLE["modules"]]
    console = Console(stderr=True)
    if not arguments.report:
        run(modules, arguments.jobs, arguments.minutes and 60 * arguments.minutes, arguments.again, console)
    scores = [module.score() for module in modules]
    text = summary(scores)
    (_OUT / "summary.md").write_text(text)
    (_OUT / "results.json").write_text(json.dumps([asdict(one) for one in scores], indent=1) + "\n")
    print(text)
    if not arguments.modules:
        keep(scores)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Broken as error:
        sys.exit(f"mutate: {error}")
    except KeyboardInterrupt:
        sys.exit("mutate: stopped; run it again to continue.")
