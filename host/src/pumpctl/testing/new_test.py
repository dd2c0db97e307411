"""The file of bench tests that `pumpctl bench new-test` writes; it passes as it is."""

from __future__ import annotations

from pathlib import Path

from pumpctl import errors

_TEXT = '''"""Bench tests of the pump: `pytest {file}`, with `--target unix`, `emulated` or `pico:PORT`."""

import pytest


def test_{name}(bench, evidence):
    """The pump gives what is due; with a simulated world, the world got it too."""
    bench.ready(rate_ul_day=1000)
    before_nl = bench.status.delivered_nl
    bench.wait(minutes=6)
    given_nl = bench.status.delivered_nl - before_nl
    # 6 minutes at 1000 uL/day are 4167 nL, and a stroke is 250 nL.
    evidence.record("{name}.delivered_nl", given_nl, 3900, 4500, "nL")


@pytest.mark.needs("block_line")  # skipped on a target that can't
def test_{name}_occlusion(bench, evidence):
    """A closed line raises the alarm."""
    bench.ready(rate_ul_day=1000)
    bench.do("block")
    took_s = bench.run_until(lambda: "occlusion" in bench.alarms, within_s=900, what="the occlusion alarm")
    evidence.record("{name}.alarm_after_s", took_s, 0, 900, "s")
'''


def write(name: str, folder: Path) -> Path:
    """Write test_NAME.py into a folder; raises UsageProblem, FileThere, NotSaved."""
    if not name.isascii() or not f"x{name}".isidentifier():
        raise errors.UsageProblem(f"{name!r} can't be the name of a test; use letters, digits and _.")
    path = folder / f"test_{name}.py"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_TEXT.format(file=path.name, name=name))
    except FileExistsError:
        raise errors.FileThere(path) from None
    except OSError as error:
        raise errors.NotSaved(path, error) from error
    return path
