"""The frozen dataclasses behave as those of the standard library."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace
from typing import Any

import pytest
from pumpctl.frozen import frozen


@frozen
class Own:
    """A record."""

    id: int
    name: str = "none"
    marks: list[int] = field(default_factory=list)


@frozen
class OwnWide(Own):
    """A record with a field more."""

    unit: str = ""

    @property
    def label(self) -> str:
        return f"{self.name} {self.unit}"


@dataclass(frozen=True)
class Standard:
    """A record."""

    id: int
    name: str = "none"
    marks: list[int] = field(default_factory=list)


@pytest.mark.parametrize(
    ("values", "named"), [((1,), {}), ((1, "a"), {}), ((1,), {"marks": [3]}), ((), {"name": "b", "id": 2})]
)
def test_the_fields_are_those_of_the_standard_library(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    own, standard = Own(*values, **named), Standard(*values, **named)
    assert asdict(own) == asdict(standard)
    assert repr(own) == repr(standard).replace("Standard", "Own")
    assert [one.name for one in fields(own)] == [one.name for one in fields(standard)]


@pytest.mark.parametrize(
    ("values", "named"),
    [((), {}), ((1, "a", [], 4), {}), ((1,), {"id": 1}), ((1,), {"nmae": "a"}), ((), {"name": "a"})],
)
def test_wrong_fields_are_a_type_error(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    for kind in (Own, Standard):
        with pytest.raises(TypeError):
            kind(*values, **named)


def test_a_field_can_not_be_set_or_deleted() -> None:
    row = Own(1)
    with pytest.raises(FrozenInstanceError, match="name"):
        row.name = "a"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="name"):
        del row.name
    assert row == Own(1)


def test_equal_fields_of_one_class_are_equal() -> None:
    assert Own(1) == Own(1) != Own(2)
    assert Own(1) != Standard(1)
    assert hash(Own(1, "a", (1,))) == hash(Own(1, "a", (1,)))  # type: ignore[arg-type]
    assert Own(1).marks is not Own(1).marks


def test_a_class_adds_fields_to_those_of_its_base() -> None:
    wide = replace(OwnWide(1, "rate", [], "mL"), id=2)
    assert (wide.id, wide.label) == (2, "rate mL")
    assert wide != Own(2, "rate")


def test_copies_are_equal() -> None:
    row = OwnWide(1, "rate", [4], "mL")
    assert pickle.loads(pickle.dumps(row)) == copy.deepcopy(row) == copy.copy(row) == row


def test_a_pattern_takes_the_fields_in_order() -> None:
    match Own(7, "seven"):
        case Own(number, name):
            assert (number, name) == (7, "seven")
