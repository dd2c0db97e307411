"""Borrows a place of a farm: reserves it by its tags, runs the bench tests on its pump, returns it.

python hil/lab/borrow.py board=rpi_pico                             all tests that need no world
python hil/lab/borrow.py board=rpi_pico bench=emulated -- -k link   some of them; words after -- go to pytest

The coordinator is LG_COORDINATOR, or --coordinator. labgrid isn't imported, because it has an environment of its own.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LABGRID = ROOT / "build" / "lab-venv" / "bin"
_CALL_TIMEOUT_S = 600  # only a call that hangs takes so long, also on a machine under load
_TAG = re.compile(r"[\w-]+=[\w-]+")
_PLACE = re.compile(r"^Place '([^']+)':", re.MULTILINE)
_SERIAL = re.compile(r"^Acquired resource .*/NetworkSerialPort\b.*:\n((?:[ \t]+.*\n?)+)", re.MULTILINE)


class FarmProblem(Exception):
    """The farm failed; the text says how, and what to do."""


@dataclass(frozen=True)
class Spot:
    """An acquired place, and its pump's port as a pyserial URL."""

    place: str
    port: str


def spot_of(shown: str) -> Spot:
    """Parses what `labgrid-client show` prints about an acquired place; raises FarmProblem.

    The exporter's ser2net speaks telnet, which changes only the byte 0xFF: the pump's lines are ASCII and pass a plain
    socket unchanged. The bytes that telnet sends first damage one line, so `hello` is repeated once.
    """
    place, serial = _PLACE.search(shown), _SERIAL.search(shown)
    if place is None or serial is None:
        raise FarmProblem("The place has no serial port: compare its matches with `labgrid-client resources`.")
    params: dict[str, Any] = ast.literal_eval(textwrap.dedent(serial[1]))["params"]
    if not params.get("port"):
        raise FarmProblem(f"The exporter opened no port for {place[1]}: see the logs of the exporter and its ser2net.")
    return Spot(place[1], f"socket://{params['host']}:{params['port']}")


def tests_of(spot: Spot, words: Sequence[str]) -> list[str]:
    """The command that runs the bench tests there, with this Python. Simultaneous borrowers share no files."""
    own = [f"--junitxml=build/lab/{spot.place}.xml", "-o", f"cache_dir=build/lab/pytest-{spot.place}"]
    return [sys.executable, "-m", "pytest", "hil", f"--target=pico:{spot.port}", *own, *words]


class Coordinator:
    """The coordinator of a farm, asked through labgrid's own client."""

    def __init__(self, address: str) -> None:
        self._client = [str(LABGRID / "labgrid-client"), "--coordinator", address]

    @contextmanager
    def place(self, tags: Sequence[str], within_s: float) -> Iterator[Spot]:
        """A place with these tags, reserved and acquired while the block runs; raises FarmProblem."""
        token = self._call("reserve", "--shell", *tags).rpartition("LG_TOKEN=")[2].strip()
        there = ("-p", f"+{token}")
        try:
            self._call("wait", token, within_s=within_s)
            try:
                self._call(*there, "acquire")
            except BaseException:
                with suppress(FarmProblem):  # it may have been acquired anyway
                    self._call(*there, "release")
                raise
            try:
                yield spot_of(self._call(*there, "show"))
            finally:
                self._call(*there, "release")
        finally:
            self._call("cancel-reservation", token)

    def _call(self, *words: str, within_s: float = _CALL_TIMEOUT_S) -> str:
        try:
            done = subprocess.run(
                [*self._client, *words], capture_output=True, text=True, check=False, timeout=within_s
            )
        except FileNotFoundError as error:
            raise FarmProblem("labgrid is not installed; run `make farm` once.") from error
        except subprocess.TimeoutExpired as error:
            if words[0] == "wait":
                raise FarmProblem(f"No place was free within {within_s:g} s: see `labgrid-client places`.") from error
            raise FarmProblem(f"labgrid-client {' '.join(words)} took more than {within_s:g} s.") from error
        if done.returncode:
            said = (done.stderr + done.stdout).strip().splitlines() or ["nothing"]
            raise FarmProblem(f"labgrid-client {' '.join(words)} failed: {said[-1]}")
        return done.stdout


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """Parses the command line; `tests` gets the words after `--`."""
    ours, tests = list(words), []
    if "--" in ours:
        cut = ours.index("--")
        ours, tests = ours[:cut], ours[cut + 1 :]
    parser = argparse.ArgumentParser(
        description="Runs the bench tests on a place of a farm.", epilog="-- WORDS go to pytest"
    )
    parser.add_argument("tags", nargs="+", metavar="TAG=VALUE", help="tags that the place must have: board=rpi_pico")
    parser.add_argument(
        "--coordinator", default=os.environ.get("LG_COORDINATOR", "127.0.0.1:20408"), metavar="HOST:PORT"
    )
    parser.add_argument("--wait-s", type=float, default=600, help="how long to wait for a free place (600)")
    read = parser.parse_args(ours)
    for tag in read.tags:
        if not _TAG.fullmatch(tag):
            parser.error(f"the tag {tag!r} is not valid; write it as board=rpi_pico")
    read.tests = tests
    return read


def interrupt_on_signals() -> None:
    """Lets SIGTERM and SIGHUP end the program like Ctrl-C; later signals are ignored, so that it can clean up."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, interrupt)


def run_tests(command: Sequence[str]) -> int:
    """Runs the tests and ends them when this program is interrupted. Returns their exit code."""
    with subprocess.Popen(command, cwd=ROOT) as tests:
        try:
            return tests.wait()
        finally:
            if tests.poll() is None:
                tests.terminate()
                with suppress(subprocess.TimeoutExpired):
                    tests.wait(5)
                tests.kill()


def main(words: Sequence[str]) -> int:
    read = arguments(words)
    interrupt_on_signals()
    try:
        with Coordinator(read.coordinator).place(read.tags, read.wait_s) as spot:
            print(f"borrow: {spot.place} at {spot.port}", flush=True)
            result = run_tests(tests_of(spot, read.tests))
        print(f"borrow: {spot.place} was returned", flush=True)
        return result
    except FarmProblem as problem:
        print(f"borrow: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
