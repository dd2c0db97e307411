"""What the pump tells, as plain records; quantities end in their units, and numbers know their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from pumpctl import defs, errors


def name_of(table: Mapping[int, defs.Named], number: int, kind: str) -> str:
    """Return a table's name of a number, or `kind 99` for one that these definitions don't have."""
    entry = table.get(number)
    return entry.name if entry else f"{kind} {number}"


def bit_names(bits: int) -> tuple[str, ...]:
    """Return the names of the condition bits in a mask, lowest first."""
    masks = (1 << place for place in range(bits.bit_length()) if bits >> place & 1)
    return tuple(name_of(defs.BITS, mask, "bit") for mask in masks)


def _choice(names: Sequence[str], number: int) -> str:
    return names[number] if 0 <= number < len(names) else str(number)


class _FromAnswer:
    """Builds a dataclass from the fields of an answer, by name; a field too many is left out."""

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> Self:
        """Return the record; raises BadAnswer when a field is missing or of another type."""
        values = {}
        for field in fields(cls):  # type: ignore[arg-type]
            if field.name not in answer:
                raise errors.BadAnswer(f"The pump's answer lacks {field.name}; install the pumpctl of its firmware.")
            value = answer[field.name]
            kinds = _KINDS[str(field.type)]
            if type(value) not in kinds:
                raise errors.BadAnswer(f"The pump's answer has {field.name} {value!r}, which makes no sense.")
            values[field.name] = value
        return cls(**values)


_KINDS: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "int | None": (int, type(None)),
    "str": (str,),
    "str | None": (str, type(None)),
    "bool": (bool,),
}


@dataclass(frozen=True)
class Hello(_FromAnswer):
    """Who is there."""

    protocol: int
    version: str
    board: str
    image: str
    digest: str

    @property
    def foreign(self) -> bool:
        """Whether the pump's definitions are not this program's."""
        return self.digest != defs.DIGEST


@dataclass(frozen=True)
class Status(_FromAnswer):
    """How the pump is."""

    state: int
    bits: int
    rate_ul_day: int
    strokes: int
    book_ul: int
    book_pl: int
    fluid: str
    ledger_nl: int
    level_nl: int | None
    left_s: int | None
    pressure_pa: int | None
    baseline_pa: int | None
    stroke_in_ms: int | None
    alarm: int
    priority: int
    silenced: bool
    uptime_s: int
    uptime_ms: int

    @property
    def delivered_pl(self) -> int:
        """Volume in the book since power-on, exactly."""
        return self.book_ul * 1_000_000 + self.book_pl

    @property
    def delivered_nl(self) -> int:
        """Volume in the book since power-on, whole nanolitres."""
        return self.delivered_pl // 1000

    @property
    def state_name(self) -> str:
        """Name of the state."""
        return name_of(defs.STATES, self.state, "state")

    @property
    def bit_names(self) -> tuple[str, ...]:
        """Names of the conditions that hold."""
        return bit_names(self.bits)

    @property
    def alarm_name(self) -> str | None:
        """Name of the alarm that shows, None for none."""
        return name_of(defs.ALARMS, self.alarm, "alarm") if self.alarm else None

    @property
    def priority_name(self) -> str:
        """Name of its priority."""
        return _choice(defs.PRIORITY_NAMES, self.priority)

    @property
    def total_uptime_ms(self) -> int:
        """Milliseconds since power-on."""
        return self.uptime_s * 1000 + self.uptime_ms


@dataclass(frozen=True)
class Therapy(_FromAnswer):
    """The plan and where it stands; `phases` is 0 for a plan without end."""

    profile: str
    rate_ul_day: int
    phase: int
    phases: int
    fluid: str
    next_fluid: str | None
    phase_left_s: int | None


@dataclass(frozen=True)
class ParamRow:
    """A parameter's present value."""

    param: int
    value: int

    @property
    def definition(self) -> defs.Param | None:
        """Its entry in the definitions, None when they lack it."""
        return defs.PARAMS.get(self.param)

    @property
    def name(self) -> str:
        """Its name."""
        return name_of(defs.PARAMS, self.param, "parameter")


@dataclass(frozen=True)
class AlarmRow:
    """An alarm that stands or waits to be acknowledged."""

    alarm: int
    stands: bool
    acknowledged: bool
    raised_s: int

    @property
    def definition(self) -> defs.Alarm | None:
        """Its entry in the definitions, None when they lack it."""
        return defs.ALARMS.get(self.alarm)

    @property
    def name(self) -> str:
        """Its name."""
        return name_of(defs.ALARMS, self.alarm, "alarm")

    @property
    def action(self) -> str:
        """What to do about it."""
        return self.definition.action if self.definition else "See the manual of this firmware."


@dataclass(frozen=True)
class LogRow:
    """A record of the log."""

    sequence: int
    uptime_s: int
    ms: int
    event: int
    a: int
    b: int

    @property
    def name(self) -> str:
        """Name of the kind of record."""
        return name_of(defs.EVENTS, self.event, "event")

    @property
    def detail(self) -> str:
        """What the two numbers mean, in words; empty when the kind has none."""
        entry = defs.EVENTS.get(self.event)
        if entry is None:
            return f"{self.a} {self.b}"
        pairs = ((entry.a, self.a), (entry.b, self.b))
        return ", ".join(f"{label}: {_meaning(label, number)}" for label, number in pairs if label)


def _meaning(label: str, number: int) -> str:
    """Return a number of a record as its name where the label says that it is one."""
    if label.startswith("state "):
        return name_of(defs.STATES, number, "state")
    if label == "alarm":
        return name_of(defs.ALARMS, number, "alarm")
    if label == "part":
        return name_of(defs.PARTS, number, "part")
    if label == "part fault":
        return name_of(defs.PART_FAULTS, number, "part fault")
    if label == "parameter":
        return name_of(defs.PARAMS, number, "parameter")
    if label == "profile":
        return _choice(defs.PROFILE_NAMES, number)
    if label == "fluid":
        return _choice(defs.FLUID_NAMES, number)
    return str(number)
