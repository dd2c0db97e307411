"""The README's first five minutes: runs its commands on a simulated pump, and writes their output into the page.

    build/venv/bin/python tests/pages/first_minutes.py

Commands and actions are found in the page's text: `    $ pumpctl ...` is a command, and the indented lines below it are
its output; "Type `block` in the first terminal" is an action on the simulated world.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "README.md"
HEADING = "## The first five minutes\n"
HOUR_S = 60  # seconds for "A minute later"; the pump runs at 60 times the speed
ALARM_S = 3
_LONGEST_S = 600  # as interpreters.LONGEST_S, which this program can't import when it runs by itself
PROGRAM = [sys.executable, "-m", "pumpctl"]
ENVIRONMENT = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1"}
_OUTPUT = r"(?:    (?!\$ ).*\n|\n(?=    (?!\$ )))*"
_STEP = re.compile(rf"^    \$ pumpctl (.+)\n{_OUTPUT}|Type `(\w+)` in the first terminal|(A minute later)", re.M)


def split(text: str) -> tuple[str, str, str]:
    """The text before the section, the section, and the text after it."""
    before, found, after = text.partition(HEADING)
    section, rest = re.split(r"^(?=## )", after, maxsplit=1, flags=re.M)
    return before + found, section, rest


def run(section: str, hour_s: float = HOUR_S, alarm_s: float = ALARM_S) -> str:
    """The section with the present output of its commands; the port stays the same."""
    first = _STEP.search(section)
    assert first, "The section has no command."
    port = first[0].split("\n")[1].strip()
    words = first[1].split()
    with subprocess.Popen(
        [*PROGRAM, *words], text=True, env=ENVIRONMENT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as pump:  # fmt: skip
        assert pump.stdin and pump.stdout
        real = pump.stdout.readline().strip()
        output = f"{real}\n{pump.stdout.readline()}"

        def step(found: re.Match[str]) -> str:
            command, action, minute = found.groups()
            if minute:
                time.sleep(hour_s)
            elif action:
                print(action, file=pump.stdin, flush=True)
                time.sleep(alarm_s)
            elif command.split() == words:
                return _block(command, output.replace(real, port))
            else:
                return _block(command, _answer(command.replace(port, real)).replace(real, port))
            return found[0]

        try:
            return _STEP.sub(step, section)
        finally:
            pump.terminate()


def masked(text: str) -> str:
    """The text with placeholders for numbers, times and dates."""
    text = re.sub(r"\b[A-Z][a-z]{2} \d+ [A-Z][a-z]{2} \d+, \d+:\d+", "DATE", text)
    text = text.replace("less than a second", "1 s")
    text = re.sub(r"\d+ (?:d|h|min|s)\b(?: \d+ (?:d|h|min|s)\b)*", "TIME", text)
    return re.sub(r"\d+(?:\.\d+)?", "N", text)


def _answer(command: str) -> str:
    done = subprocess.run(
        [*PROGRAM, *command.split()], text=True, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        check=False, timeout=_LONGEST_S,
    )  # fmt: skip
    return done.stdout


def _block(command: str, output: str) -> str:
    lines = [f"$ pumpctl {command}", *output.rstrip("\n").split("\n")]
    return "".join(f"    {line}".rstrip() + "\n" for line in lines)


if __name__ == "__main__":
    before, section, rest = split(PAGE.read_text())
    PAGE.write_text(before + run(section) + rest)
