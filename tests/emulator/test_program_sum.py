"""A release image detects any byte of it that has changed since the build."""

from __future__ import annotations

from pathlib import Path

import pytest
from emulated_run import EMULATOR, RELEASE, WITH_IMAGE
from pumpctl import defs, sim
from pumpctl.pump import Pump

REQUIREMENTS = ("S1", "S2")

pytestmark = [*EMULATOR, WITH_IMAGE]

_ROUND_MS = 1_200_000  # of an image of 0.5 MB
_READY_MS = 1_000
_NEVER_RUN = b"Welcome to MicroPython"  # a text of the REPL, which a release image contains but doesn't use


def failed_tests(image: Path, ms: int) -> tuple[list[int], str]:
    """The failed tests after this time, and the state."""
    with sim.Simulation(seed=1, emulated=True, image=image) as simulation:
        simulation.run(ms)
        with Pump.connect(simulation.transport()) as pump:
            return [row.a for row in pump.log() if row.name == "test_failed"], pump.status().state_name


def test_the_image_as_it_was_built_passes() -> None:
    assert failed_tests(RELEASE.with_suffix(".bin"), _ROUND_MS) == ([], "standby")


@pytest.mark.parametrize("place", ["in the middle", "in the sum"])
def test_a_program_that_was_changed_before_power_on_is_found_and_blocks_delivery(tmp_path: Path, place: str) -> None:
    program = bytearray(RELEASE.with_suffix(".bin").read_bytes())
    program[program.index(_NEVER_RUN) if place == "in the middle" else -1] ^= 1
    image = tmp_path / "changed.bin"
    image.write_bytes(program)
    failed, state = failed_tests(image, _READY_MS)
    assert [defs.TEST_NAMES[number] for number in failed] == ["program"]
    assert state == "fault"
