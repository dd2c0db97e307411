"""Texts laid out for 44 and 80 columns, and for a file: no name is cut, no word and no number is broken."""

from __future__ import annotations

import random
import re

import pytest
from pumpctl import defs
from pumpctl.cli.screen import layout

COLUMNS = ("parameter", "value", "unit", "can be set in")
PARAMS = [(entry.name, str(entry.default), entry.unit, ", ".join(entry.states)) for entry in defs.PARAMS.values()]


def words_of(lines: list[str]) -> list[str]:
    return [word.strip(",") for line in lines for word in line.split()]


@pytest.mark.parametrize("width", [44, 80])
def test_the_parameters_fit_and_every_word_is_whole(width: int) -> None:
    lines = layout.table(COLUMNS, PARAMS, width)
    assert max(map(len, lines)) <= width
    shown = words_of(lines)
    assert [name for name, *_ in PARAMS if name not in shown] == []
    for row in PARAMS:
        for cell in row[1:]:
            assert set(cell.replace(",", "").split()) <= set(shown)


def test_a_table_that_fits_has_columns_and_numbers_stand_at_the_right() -> None:
    rows = [("a", "1", "x"), ("b", "1000", "y")]
    assert layout.table(("name", "value", ""), rows, 80) == ["name  value", "a         1  x", "b      1000  y"]
    assert layout.table(("name", "value", ""), rows, 10) == [
        "a", "  value 1,", "  x", "b", "  value", "  1000, y",
    ]  # fmt: skip


def test_a_file_gets_one_line_for_each_row_however_long() -> None:
    assert len(layout.table(COLUMNS, PARAMS, None)) == len(PARAMS) + 1
    assert layout.pairs([("state", "long " * 100)], None) == ["state         " + ("long " * 100).rstrip()]


def test_long_values_go_beside_or_below_their_names() -> None:
    rows = [("pressure", "14.6 kPa (baseline before a stroke 12.1 kPa)"), ("alarm", "none")]
    assert layout.pairs(rows, 44) == [
        "pressure      14.6 kPa (baseline before a",
        "              stroke 12.1 kPa)",
        "alarm         none",
    ]
    assert layout.pairs(rows, 36) == [
        "pressure",
        "  14.6 kPa (baseline before a stroke",
        "  12.1 kPa)",
        "alarm         none",
    ]


def test_any_text_at_any_width_keeps_all_its_words() -> None:
    chance = random.Random(1)
    for _ in range(300):
        lengths = [[chance.randint(1, 20) for _ in range(chance.randint(0, 12))] for _ in range(chance.randint(1, 5))]
        texts = [" ".join("w" * length for length in of_text) for of_text in lengths]
        width = chance.randint(24, 100)
        for lines, shown in (
            (layout.wrapped(texts[0], width, "  "), texts[:1]),
            (layout.pairs([(f"name {at}", text) for at, text in enumerate(texts)], width), texts),
            (layout.table([f"c{at}" for at in range(len(texts))], [texts], width), texts),
        ):
            assert max(map(len, lines)) <= width
            assert re.findall("w+", " ".join(lines)) == re.findall("w+", " ".join(shown))
