"""Checks the emulator with MicroPython's own tests: run-tests.py of its source runs them over the emulated REPL.

python hil/emulator/check_emulator.py [--source FOLDER] [--image FILE] [--only NAME ...] [--write]

The result of each test is compared with micropython_tests.toml; `--write` replaces the results in that file. A test
that is missing on either side or has another result is printed, and the exit code is 1. It takes about three minutes.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import emulate

_ROOT = emulate.HERE.parents[1]
_LIST = emulate.HERE / "micropython_tests.toml"
_FOLDERS = ("basics", "float", "extmod")
_SPEED = "30"  # the device never waits for the wall
_BOOT_S = 1.0
_LONGEST_S = 1500
_LINE = re.compile(r"^(pass|FAIL|skip|lrge)\s+(?:\S*/)?(basics|float|extmod)/(\w+)\.py")
_RESULTS = {"pass": "passed", "FAIL": "failed", "skip": "skipped", "lrge": "skipped"}


def needing_unittest(tests: Path) -> list[str]:
    """Tests that import unittest, a part of micropython-lib, which Debian's source package lacks."""
    files = [file for folder in _FOLDERS for file in sorted((tests / folder).glob("*.py"))]
    return [f"{file.parent.name}/{file.stem}" for file in files if "import unittest" in file.read_text()]


def run(tests: Path, image: Path, only: list[str], results: Path) -> dict[str, str]:
    """The result of each test, by folder/name. Raises RuntimeError when run-tests.py itself fails."""
    results.mkdir(parents=True, exist_ok=True)
    left_out = needing_unittest(tests)
    with emulate.Emulated(image, ["--speed", _SPEED]) as pico:
        time.sleep(_BOOT_S)
        command = [sys.executable, "run-tests.py", "-t", f"port:{pico.port}", "-j", "1", "-r", str(results)]
        for name in left_out:
            command += ["-e", f"{name}.py"]
        command += [f"{name}.py" for name in only] if only else ["-d", *_FOLDERS]
        done = subprocess.run(command, cwd=tests, capture_output=True, text=True, timeout=_LONGEST_S, check=False)
    found = {}
    for line in done.stdout.splitlines():
        match = _LINE.match(line)
        if match:
            found[f"{match[2]}/{match[3]}"] = _RESULTS[match[1]]
    if not found or "tests performed" not in done.stdout:
        raise RuntimeError(f"run-tests.py did not finish: {(done.stdout + done.stderr)[-800:]}")
    if not only:
        found.update(dict.fromkeys(left_out, "skipped"))
    return found


def read_list() -> tuple[dict[str, str], dict[str, str]]:
    """The committed list as (result by test, reason by test)."""
    if not _LIST.exists():
        return {}, {}
    content = tomllib.loads(_LIST.read_text())
    passed = content.get("passed", {})
    results = {f"{folder}/{name}": "passed" for folder in _FOLDERS for name in passed.get(folder, [])}
    reasons = {}
    for result in ("failed", "skipped"):
        for name, reason in content.get(result, {}).items():
            results[name] = result
            reasons[name] = reason
    return results, reasons


def write_list(found: dict[str, str], reasons: dict[str, str], left_out: list[str]) -> None:
    """Writes the results into the list; existing reasons are kept."""
    lines = ["# MicroPython's own tests in the emulator, written by check_emulator.py --write; reasons are kept.", ""]
    for result in ("failed", "skipped"):
        lines += [f"[{result}]"]
        for name in sorted(name for name in found if found[name] == result):
            default = "cause unknown" if result == "failed" else "the image has no such feature"
            if name in left_out:
                default = "needs unittest from micropython-lib, which Debian's source does not carry"
            lines.append(f'"{name}" = "{reasons.get(name, default)}"')
        lines.append("")
    lines.append("[passed]")
    for folder in _FOLDERS:
        mine = (test for test, result in found.items() if result == "passed" and test.startswith(folder + "/"))
        names = sorted(test.split("/")[1] for test in mine)
        lines += [f"{folder} = [", *(f'    "{name}",' for name in names), "]"]
    _LIST.write_text("\n".join(lines) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--source", type=Path, default=_ROOT / "build" / "toolchain" / "source")
    parser.add_argument("--image", type=Path, default=_ROOT / "build" / "firmware" / "rpi_pico" / "pump-dev.uf2")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these tests, as float/math_fun")
    parser.add_argument("--write", action="store_true", help="write the results to the list")
    arguments = parser.parse_args()
    tests = arguments.source / "tests"
    try:
        found = run(tests, arguments.image, arguments.only, _ROOT / "build" / "hil" / "micropython_tests")
    except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)
        return 2
    expected, reasons = read_list()
    if arguments.write:
        write_list(found, reasons, needing_unittest(tests))
        return 0
    names = found if arguments.only else {**expected, **found}
    different = [name for name in sorted(names) if found.get(name) != expected.get(name)]
    for name in different:
        print(f"{name}: {found.get(name, 'not run')}, listed as {expected.get(name, 'missing')}")
    counts = {result: list(found.values()).count(result) for result in ("passed", "failed", "skipped")}
    print(", ".join(f"{count} {result}" for result, count in counts.items()))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
