"""The pins of the Pico: one use each, in a row where a driver wants that, and all of them in the drawing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

BOARD = Path(__file__).resolve().parents[2] / "boards/rpi_pico"
INSIDE = {23, 25, 29}  # of the Pico itself: the converter's mode, the LED, VSYS/3


def _pins() -> dict[str, int]:
    found = {}
    for row in ast.parse((BOARD / "pins.py").read_text()).body:
        if isinstance(row, ast.Assign) and isinstance(row.targets[0], ast.Name) and isinstance(row.value, ast.Call):
            found[row.targets[0].id] = ast.literal_eval(row.value.args[0])
    return found


def test_no_pin_has_two_uses() -> None:
    numbers = list(_pins().values())
    assert len(numbers) > 20 and len(set(numbers)) == len(numbers)


def test_the_valves_and_their_sense_lines_are_on_consecutive_pins() -> None:
    pins = _pins()
    first, sense = pins["VALVE_INLET"], pins["VALVE_SENSE_INLET"]
    assert (pins["VALVE_CHAMBER"], pins["VALVE_OUTLET"]) == (first + 1, first + 2)
    assert pins["VALVE_SENSE_OUTLET"] == sense + 1


def test_the_drawing_has_every_pin_and_no_other() -> None:
    drawing = (BOARD / "wiring.md").read_text().split("## Bill of materials")[0]
    drawn = [int(number) for number in re.findall(r"\bGP(\d+)\b", drawing)]
    assert sorted(drawn) == sorted(set(_pins().values()) - INSIDE)
