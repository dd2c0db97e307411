"""The release image from a reset to its first step: a hang there ends in a reset, and no file system is looked at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from emulated_run import EMULATOR, RELEASE, WITH_IMAGE, answers, sent, talk
from interpreters import ROOT
from pumpctl import defs
from pumpctl.protocol import wire
from pumpctl.testing import job_symbols
from toolchain import steps
from toolchain.images import image

REQUIREMENTS = ("S3", "C9")

pytestmark = [*EMULATOR, WITH_IMAGE]

_SETTLED = "run 4000"  # a new journal is erased ahead in the first seconds
_WATCHDOG_MS = 8000
_BOOT_MS = 1000
# Where a start may hang: in the board's file, in the first part that it makes, in the logic, in the journal.
_PLACES = (
    "board__lt_module_gt_",
    "drivers_sensors_pressure_mpr_HoneywellMpr___init__",
    "pump_app_App___init__",
    "pump_persistence_Persistence_open",
)


def ask(command: str, **fields: int) -> list[str]:
    """The lines of the bench channel that ask the pump."""
    return [f"rx {wire.encode({'cmd': command, 'id': 1, **fields}).hex()}", "run 100"]


@pytest.mark.parametrize("place", _PLACES)
def test_a_start_that_hangs_is_ended_by_the_watchdog_and_the_next_one_is_whole(place: str) -> None:
    places = job_symbols.addresses(RELEASE.with_suffix(".elf"))
    hang = [f"do hang_entry {places[job_symbols.ENTRY]}", f"do hang {places['fun_data_' + place]}"]
    waits = [f"run {_WATCHDOG_MS - _BOOT_MS}", "truth", f"run {2 * _BOOT_MS}", "truth"]
    done = talk([_SETTLED, "truth", *hang, "do reset", *waits, f"run {_BOOT_MS}", *ask("status")])
    before, held, after = (row for row in answers(done) if "resets" in row)
    assert int(str(held["resets"])) == int(str(before["resets"])) + 1, "it hangs"
    assert int(str(after["resets"])) == int(str(held["resets"])) + 1
    assert after["last_reset"] == "watchdog"
    assert b'"state"' in sent(done)


def test_a_file_system_that_is_damaged_holds_no_pump_that_does_not_use_it(tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    talk([_SETTLED, "quit"], "--flash", str(flash))
    content = bytearray(flash.read_bytes())
    at = image.Board(steps.Place(ROOT), "rpi_pico").partition()["FILE_SYSTEM_ADDRESS"]
    damage = bytes(range(256)) * ((len(content) - at) // 256)
    content[at:] = damage
    flash.write_bytes(content)
    done = talk([_SETTLED, *ask("status"), "quit"], "--flash", str(flash))
    (status,) = [json.loads(line.rpartition(b"*")[0]) for line in sent(done).splitlines() if b'"rate_ul_day"' in line]
    assert defs.STATES[status["state"]].name == "standby"
    assert flash.read_bytes()[at:] == damage
