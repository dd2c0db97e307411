"""A farm on this computer, as `make farm`: two emulated pumps behind labgrid, each borrowed by a process of its own.

The pumps run in wall time; coordinator and exporter listen on free ports of 127.0.0.1 only. Two borrowers ask for the
same tag at the same time; each gets a place of its own, runs some bench tests there and returns it. Logs and JUnit
files are in build/lab. At the end, also after an error, all processes are ended and the coordinator's folder removed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from pumpctl import errors, pump, sim
from pumpctl.protocol import key_files

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab import borrow

HERE = Path(__file__).resolve().parent
BUILD = borrow.ROOT / "build" / "lab"
PUMPS = ("pump-1", "pump-2")
_START_S = 600.0  # only a program that hangs takes so long, also on a machine under load
_END_S = 15.0
# Bench tests without tight time limits: two emulated Picos behind a network are slower than one on a cable.
_TESTS = ("-q", "-k", "refusal_says_what_was_at_fault or empty_lines_get_no_answer")


class Program:
    """A program of the farm in a process group of its own, with its log."""

    def __init__(self, name: str, command: Sequence[str], cwd: Path, more: Mapping[str, str]) -> None:
        self.name, self.log = name, BUILD / f"{name}.log"
        # If this program is killed, the kernel sends SIGTERM to the farm's programs.
        guard = ("setpriv", "--pdeathsig", "TERM", "--") if shutil.which("setpriv") else ()
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [*guard, *command], cwd=cwd, env={**os.environ, **more}, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def wait_for(self, pattern: str) -> str:
        """Waits for the pattern in the log and returns its first group; raises FarmProblem."""
        until_s = time.monotonic() + _START_S
        while not (found := re.search(pattern, self.log.read_text(errors="replace"), re.MULTILINE)):
            if self.process.poll() is not None or time.monotonic() > until_s:
                raise borrow.FarmProblem(f"{self.name} did not start; its log is {self.log}")
            time.sleep(0.05)
        return found[1]

    def end(self) -> None:
        """Ends the whole group with SIGTERM, then SIGKILL."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_END_S)


def start_pump(stack: ExitStack, emulated: bool, seed: int) -> str:
    """Starts a pump, waits until it answers, and returns its port; raises PumpError.

    The borrowers are programs of this user: until the end the key of an emulated pump is in the user's files, as of a
    real one that was paired.
    """
    simulation = stack.enter_context(sim.Simulation(seed=seed, emulated=emulated, time="wall"))
    until_s = time.monotonic() + _START_S
    while True:
        try:
            with pump.Pump.connect(simulation.transport()) as started:
                board_id = started.hello.unique_id
            break
        except errors.NoAnswer:
            simulation.check()
            if time.monotonic() > until_s:
                raise
    if simulation.key is not None:
        key_files.save(board_id, simulation.key)
        stack.callback(key_files.forget, board_id)
    return simulation.port


def start_labgrid(stack: ExitStack, ports: Sequence[str]) -> str:
    """Starts coordinator and exporter, and returns the coordinator's address."""
    folder = BUILD / "labgrid"
    folder.mkdir()
    stack.callback(shutil.rmtree, folder)
    shutil.copy(HERE / "places.yaml", folder)  # the coordinator writes its state there
    coordinator = Program("coordinator", [str(borrow.LABGRID / "labgrid-coordinator"), "-l", "127.0.0.1:0"], folder, {})
    stack.callback(coordinator.end)
    address = coordinator.wait_for(r"^listening on (\S+)$")
    exporter = Program(
        "exporter",
        [str(borrow.LABGRID / "labgrid-exporter"), "-c", address, "-n", "here", "--hostname", "127.0.0.1"]
        + [str(HERE / "exporter.yaml")],
        folder,
        exporter_environment(ports),
    )
    stack.callback(exporter.end)
    exporter.wait_for(r"^(Exporter ready)$")
    return address


def exporter_environment(ports: Sequence[str]) -> dict[str, str]:
    """The variables of exporter.yaml, and a PATH that finds the ser2net of `loopback` first."""
    names = {f"FARM_PUMP_{number}": port for number, port in enumerate(ports, 1)}
    return {**names, "PATH": f"{HERE / 'loopback'}:{os.environ.get('PATH', os.defpath)}"}


class Borrower:
    """A borrower in a process of its own."""

    def __init__(self, number: int, address: str, tests: Sequence[str]) -> None:
        self.began_s = self.ended_s = time.monotonic()
        command = [sys.executable, str(HERE / "borrow.py"), "--coordinator", address, "board=rpi_pico", "--", *tests]
        self._program = Program(f"borrow-{number}", command, borrow.ROOT, {"PYTHONUNBUFFERED": "1"})
        self.end = self._program.end
        self._watch = threading.Thread(target=self._wait, daemon=True)
        self._watch.start()

    def _wait(self) -> None:
        self._program.process.wait()
        self.ended_s = time.monotonic()

    def result(self) -> int:
        """Waits for its end, prints its output, and returns its exit code."""
        self._watch.join()
        print(f"---- {self._program.name}, {self.ended_s - self.began_s:.1f} s", flush=True)
        print(self.output().rstrip(), flush=True)
        return self._program.process.returncode

    def output(self) -> str:
        return self._program.log.read_text(errors="replace")


def places_of(outputs: Sequence[str]) -> list[str]:
    """The borrowed places, from the borrowers' output; FarmProblem unless each had one of its own."""
    found = [place for text in outputs for place in re.findall(r"^borrow: (\S+) at ", text, re.MULTILINE)]
    if sorted(found) != sorted(PUMPS):
        raise borrow.FarmProblem(f"{', '.join(PUMPS)} should have been borrowed, once each; it was {found or 'none'}.")
    return found


def were_together(log: str) -> bool:
    """Whether every place was acquired before the first was released, by the coordinator's log."""
    steps = re.findall(r"^\S+: place (acquired|released)", log, re.MULTILINE)
    return steps[: len(PUMPS)] == ["acquired"] * len(PUMPS)


def run(emulated: bool, tests: Sequence[str]) -> int:
    """Starts the farm and its borrowers, then removes it; returns the first exit code that is not 0, else 0."""
    began_s = time.monotonic()
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    with ExitStack() as stack:
        ports = [start_pump(stack, emulated, seed) for seed in range(1, len(PUMPS) + 1)]
        address = start_labgrid(stack, ports)
        print(f"farm: {len(PUMPS)} pumps, coordinator at {address}, {time.monotonic() - began_s:.1f} s", flush=True)
        borrowers = []
        for number in range(1, len(PUMPS) + 1):
            borrowers.append(Borrower(number, address, tests))
            stack.callback(borrowers[-1].end)
        results = [one.result() for one in borrowers]
    failed = next((result for result in results if result), 0)
    if not failed:
        places = " and ".join(places_of([one.output() for one in borrowers]))
        when = "at the same time" if were_together((BUILD / "coordinator.log").read_text()) else "one after the other"
        print(f"farm: {places} passed, {when}, {time.monotonic() - began_s:.1f} s in all")
    return failed


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Two pumps behind labgrid on this computer, tested at the same time.")
    parser.add_argument("--unix", action="store_true", help="the firmware on the unix port, not in an emulated Pico")
    parser.add_argument(
        "tests", nargs="*", metavar="PYTEST", help="after --: words for pytest, instead of the short tests"
    )
    read = parser.parse_args(words)
    borrow.interrupt_on_signals()
    try:
        return run(not read.unix, read.tests or _TESTS)
    except (borrow.FarmProblem, errors.PumpError) as problem:
        print(f"farm: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
