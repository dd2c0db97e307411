"""The emulated Pico by itself: translated instructions against the package's interpreter, bench channel, resets."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from emulated_run import EMULATOR, MAIN, WITH_IMAGE, answers, sent, talk
from interpreters import LONGEST_S

_FUZZ = Path(__file__).parent / "translator_fuzz.mjs"
_TORN = Path(__file__).parent / "torn_flash.mjs"
_STATUS = b"status\n".hex()
_HELLO = b"hello\n".hex()
_SETTLED = "run 4000"  # a new journal is erased in the first seconds, and no run ends within an erase
# Data sheet of RP2040, 4.7.6 and 2.12.8.
_REASON = 0x40058008
_HAD_POWER_ON = 0x40064009  # bits 8 to 15 of CHIP_RESET
_HAD_RUN_PIN = 0x4006400A  # bits 16 to 23

pytestmark = EMULATOR


def test_translated_instructions_do_what_the_interpreter_does() -> None:
    done = subprocess.run(["node", str(_FUZZ), "1"], capture_output=True, text=True, timeout=LONGEST_S, check=False)
    assert done.returncode == 0, done.stdout


@WITH_IMAGE
def test_same_seed_gives_the_same_bytes_and_times() -> None:
    lines = ["run 2000", f"rx {_STATUS}", "run 0", "run 70000", f"rx {_STATUS}", "run 0", "truth"]
    first, second = talk(lines, "--seed", "7"), talk(lines, "--seed", "7")
    assert answers(first) and first.stdout == second.stdout
    assert first.stdout != talk(lines, "--seed", "8").stdout


@WITH_IMAGE
def test_run_0_lets_the_device_answer_and_says_how_long_it_took() -> None:
    done = talk([_SETTLED, f"rx {_HELLO}", "run 0", "run 0"])
    before, taken, after = answers(done)
    assert 0 < float(str(taken["ran_ms"])) < 50
    assert after["device_ms"] == taken["device_ms"] and after["ran_ms"] == 0
    assert b'"board"' in sent(done)
    assert float(str(before["device_ms"])) == 4000


@WITH_IMAGE
def test_an_hour_of_sleep_is_jumped_over() -> None:
    (_, truth) = answers(talk(["run 3600000", "truth"]))
    assert int(str(truth["cycles_awake"])) < int(str(truth["cycles"])) // 200
    assert truth["resets"] == 1 and truth["last_reset"] == "watchdog"  # the watchdog test at power-on


@WITH_IMAGE
def test_resets_keep_the_time_and_are_counted() -> None:
    done = answers(talk([_SETTLED, "do reset", _SETTLED, "do power_cut", _SETTLED, "truth"]))
    # A power-on includes one reset by the watchdog, in its test.
    assert done[-1]["resets"] == 1 + 1 + 2 and done[-1]["last_reset"] == "watchdog"
    assert int(str(done[-1]["device_ms"])) == 12000
    assert done[-1]["usb_connections"] == 3


@WITH_IMAGE
def test_the_chip_tells_its_resets_apart_as_the_data_sheet_says() -> None:
    registers = {  # REASON, HAD_POR, HAD_RUN
        "watchdog_reset": (1, 1, 0),
        "reset": (2, 1, 0),
        "run_pin": (0, 0, 1),
        "fault_reset": (2, 0, 1),
        "power_cut 3600": (0, 1, 0),
        "brown_out": (0, 1, 0),
    }
    peeks = [f"peek {address}" for address in (_REASON, _HAD_POWER_ON, _HAD_RUN_PIN)]
    done = answers(talk([line for verb in registers for line in ("run 200", f"do {verb}", *peeks)]))
    found = [tuple(row["byte"] for row in done[at + 2 : at + 5]) for at in range(0, len(done), 5)]
    assert found == list(registers.values())


@WITH_IMAGE
def test_time_goes_on_in_the_world_alone_while_the_power_is_off() -> None:
    before, _, after = answers(talk(["truth", "do power_cut 3600", "truth"]))
    assert int(str(after["t_ms"])) - int(str(before["t_ms"])) == 3_600_000
    assert after["device_ms"] == before["device_ms"]


def test_an_operation_of_the_flash_is_torn_in_four_ways() -> None:
    done = subprocess.run(["node", str(_TORN)], capture_output=True, text=True, timeout=LONGEST_S, check=True)
    row = json.loads(done.stdout)
    for kind, before, after in (("program", 0xF0, 0xF0 & 0x5A), ("erase", 0x5A, 0xFF)):
        torn = row[kind]
        count = len(torn["none"][0])
        at = 1 if kind == "program" else 0
        assert all(torn[tear][at + 1] == [before] * count for tear in torn), "no later operation was begun"
        assert kind == "erase" or all(torn[tear][0] == [after] * count for tear in torn), "earlier ones are complete"
        assert torn["none"][at] == [before] * count
        assert torn["half"][at] == [after] * (count // 2) + [before] * (count // 2)
        assert torn["whole"][at] == [after] * count
        changes = before ^ after
        assert all(byte & ~changes == before & ~changes for byte in torn["subset"][at])
        assert {byte & changes for byte in torn["subset"][at]} > {before & changes, after & changes}
    assert row["cuts"] == 8
    assert row["operations"] == 4 * 3 + 1


def test_says_what_is_wrong_with_its_options(tmp_path: Path) -> None:
    foreign = tmp_path / "other.uf2"
    block = bytearray(512)
    block[0:8] = bytes.fromhex("5546320a57515d9e")
    block[28:32] = (0xE48BFF59).to_bytes(4, "little")
    foreign.write_bytes(block)
    for options, image, words in (
        ([], tmp_path / "none.uf2", "make firmware"),
        ([], foreign, "the boot ROM ignores"),
        (["--part", "pressure=gone"], foreign, "pressure can be"),
        (["--set", "volume=3"], MAIN, "unknown setting"),
    ):
        done = talk(["quit"], *options, image=image)
        assert done.returncode == 2 and words in done.stderr, done.stderr
