"""The emulated Pico by itself: its translator against the package's interpreter, its bench channel, its resets."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from emulated_life import MAIN, RELEASE, answers, installed, said, talk

_FUZZ = Path(__file__).parent / "translator_fuzz.mjs"
_STATUS = b"status\n".hex()

pytestmark = pytest.mark.skipif(not installed(), reason="the emulator is not installed; `make emulator` does it")
with_image = pytest.mark.skipif(not RELEASE.is_file(), reason="there is no image; `make firmware` builds it")


def test_translated_instructions_do_what_the_interpreter_does() -> None:
    done = subprocess.run(["node", str(_FUZZ), "1"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout


@with_image
def test_same_seed_gives_the_same_bytes_and_times() -> None:
    lines = ["run 2000", f"rx {_STATUS}", "run 0", "run 70000", f"rx {_STATUS}", "run 0", "truth"]
    first, second = talk(lines, "--seed", "7"), talk(lines, "--seed", "7")
    assert answers(first) and first.stdout == second.stdout
    assert first.stdout != talk(lines, "--seed", "8").stdout


@with_image
def test_run_0_lets_the_device_answer_and_says_how_long_it_took() -> None:
    done = talk(["run 1000", f"rx {_STATUS}", "run 0", "run 0"])
    before, taken, after = answers(done)
    assert 0 < float(str(taken["ran_ms"])) < 50
    assert after["device_ms"] == taken["device_ms"] and after["ran_ms"] == 0
    assert b'"state"' in said(done)
    assert float(str(before["device_ms"])) >= 1000


@with_image
def test_an_hour_of_sleep_is_jumped_over() -> None:
    (_, truth) = answers(talk(["run 3600000", "truth"]))
    assert int(str(truth["cycles_awake"])) < int(str(truth["cycles"])) // 200
    assert truth["resets"] == 0


@with_image
def test_resets_keep_the_time_and_are_counted() -> None:
    done = answers(talk(["run 1000", "do reset", "run 1000", "do power_cut", "run 1000", "truth"]))
    assert done[-1]["resets"] == 2 and done[-1]["last_reset"] == "power"
    assert int(str(done[-1]["device_ms"])) == 3000
    assert done[-1]["usb_connections"] == 3


def test_says_what_is_wrong_with_its_options(tmp_path: Path) -> None:
    foreign = tmp_path / "other.uf2"
    block = bytearray(512)
    block[0:8] = bytes.fromhex("5546320a57515d9e")
    block[28:32] = (0xE48BFF59).to_bytes(4, "little")
    foreign.write_bytes(block)
    for options, image, words in (
        ([], tmp_path / "none.uf2", "make firmware"),
        ([], foreign, "another chip"),
        (["--part", "pressure=gone"], foreign, "pressure can be"),
        (["--set", "volume=3"], MAIN, "unknown setting"),
    ):
        done = talk(["quit"], *options, image=image)
        assert done.returncode == 2 and words in done.stderr, done.stderr
