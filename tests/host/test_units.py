"""Amounts as text: read and written as digits, never as a float."""

from __future__ import annotations

import pytest
from pumpctl import errors, units


@pytest.mark.parametrize(
    ("text", "ul_day"),
    [
        ("1", 1000),
        ("1.5", 1500),
        ("0.05", 50),
        ("24", 24000),
        ("1.234", 1234),
        ("1.2340", 1234),
        ("1mL", 1000),
        ("1 ml/day", 1000),
        ("1000uL", 1000),
        ("1000 µL/d", 1000),
        ("1000000nL", 1000),
        (" 7.3 ", 7300),
    ],
)
def test_rate(text: str, ul_day: int) -> None:
    assert units.rate_ul_day(text) == ul_day


@pytest.mark.parametrize(
    "text", ["", "one", "-1", "+1", "1,5", ".5", "1.", "1e3", "0.0005", "1.5uL", "1 L", "1.2.3", "9" * 12]
)
def test_no_rate(text: str) -> None:
    with pytest.raises(errors.BadAmount) as caught:
        units.rate_ul_day(text)
    assert str(caught.value).count(".") >= 1
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "nl"), [("16", 16_000_000), ("0.000001", 1), ("15.8", 15_800_000), ("250uL", 250_000), ("7nL", 7)]
)
def test_volume(text: str, nl: int) -> None:
    assert units.volume_nl(text) == nl


@pytest.mark.parametrize(("text", "hours"), [("14", 336), ("0.5", 12), ("0.125", 3), ("90", 2160)])
def test_days(text: str, hours: int) -> None:
    assert units.hours_of_days(text) == hours


def test_days_that_are_no_whole_hours() -> None:
    with pytest.raises(errors.BadAmount):
        units.hours_of_days("0.1")


@pytest.mark.parametrize(
    ("nl", "text"),
    [
        (0, "0.000 mL"),
        (499, "0.000 mL"),
        (500, "0.001 mL"),
        (16_000_000, "16.000 mL"),
        (-1500, "-0.002 mL"),
        (-1, "0.000 mL"),
    ],
)
def test_millilitres(nl: int, text: str) -> None:
    assert units.ml(nl) == text


@pytest.mark.parametrize(
    ("pa", "text"), [(15230, "15.2 kPa"), (15250, "15.3 kPa"), (-40, "0.0 kPa"), (-2500, "-2.5 kPa")]
)
def test_kilopascals(pa: int, text: str) -> None:
    assert units.kpa(pa) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (380, "6 min 20 s"),
        (86400, "1 d"),
        (1_058_400, "12 d 6 h"),
        (86460, "1 d"),
    ],
)
def test_duration(seconds: int, text: str) -> None:
    assert units.duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [(0, "stroke", "0 strokes"), (1, "stroke", "1 stroke"), (2, "entry", "2 entries"), (2, "bolus", "2 boluses")],
)
def test_a_number_and_its_noun_agree(number: int, noun: str, text: str) -> None:
    assert units.count(number, noun) == text


@pytest.mark.parametrize(
    ("typed", "unit", "shown"),
    [("0.05", "mL", "0.05 mL"), ("50uL", "µL", "50 µL"), ("50 µL", "µL", "50 µL"), ("50000nL", "nL", "50000 nL")],
)
def test_an_amount_is_shown_exactly_in_the_unit_that_was_typed(typed: str, unit: str, shown: str) -> None:
    assert units.unit_of(typed) == unit
    assert units.exact(units.volume_nl(typed), unit) == shown


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("1.5min", 90), ("6h", 21600), ("2 d", 172800)])
def test_seconds(text: str, seconds: int) -> None:
    assert units.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "1 week", "-1h", "0.01s"])
def test_no_seconds(text: str) -> None:
    with pytest.raises(errors.BadAmount):
        units.seconds(text)
