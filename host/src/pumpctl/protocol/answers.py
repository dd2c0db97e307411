"""The pump's answers as records: fields end in their units, properties give the names of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, Self

from pumpctl import defs, errors
from pumpctl.frozen import frozen
from pumpctl.protocol import names


class _FromAnswer:
    """Builds a dataclass from the fields of an answer with the same names; other fields are ignored.

    A field with a default may be missing: earlier firmware doesn't send it.
    """

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> Self:
        """Return the record; raises BadAnswer when a field is missing or of another type."""
        values = {}
        for field in fields(cls):  # type: ignore[arg-type]
            if field.name not in answer:
                if field.default is not MISSING:
                    continue
                raise errors.BadAnswer(f"has no {field.name}")
            value = answer[field.name]
            kinds = _KINDS[str(field.type)]
            if type(value) not in kinds:
                raise errors.BadAnswer(f"has {field.name} {value!r}, which is of the wrong type")
            values[field.name] = value
        return cls(**values)


_KINDS: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "int | None": (int, type(None)),
    "str": (str,),
    "str | None": (str, type(None)),
    "bool": (bool,),
    "bool | None": (bool, type(None)),
    "list[list[int]]": (list,),
}


@frozen
class Hello(_FromAnswer):
    """Versions, board and definitions of the pump; `unique_id` is empty when it is unknown.

    `keyed` when it takes commands above the role view from paired hosts only.
    `time_known` is whether a host has set the time of day since the last reset; None when the firmware doesn't tell.
    """

    protocol: int
    version: str
    board: str
    image: str
    digest: str
    unique_id: str = ""
    keyed: bool = False
    time_known: bool | None = None

    @property
    def foreign(self) -> bool:
        """Whether the pump's definitions differ from this program's."""
        return self.digest != defs.DIGEST


@frozen
class Status(_FromAnswer):
    """State, rate, volumes, pressure and alarm; `boot` and `log_next` are 0 when they are unknown."""

    state: int
    bits: int
    notes: int
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
    boot: int = 0
    log_next: int = 0
    left_by: str = "ledger"

    @property
    def delivered_pl(self) -> int:
        """Volume delivered since the journal began, exact."""
        return self.book_ul * 1_000_000 + self.book_pl

    @property
    def delivered_nl(self) -> int:
        """Volume delivered since the journal began, rounded down."""
        return self.delivered_pl // 1000

    @property
    def state_name(self) -> str:
        """Name of the state."""
        return names.name_of(defs.STATES, self.state, "state")

    @property
    def bit_names(self) -> tuple[str, ...]:
        """Names of the conditions that are set."""
        return names.of_mask(defs.BITS, self.bits, "bit")

    @property
    def note_names(self) -> tuple[str, ...]:
        """Names of the notes: conditions that raise an alarm and don't change the state."""
        return names.of_mask(defs.NOTES, self.notes, "note")

    @property
    def alarm_name(self) -> str | None:
        """Name of the alarm that is shown, None without one."""
        return names.name_of(defs.ALARMS, self.alarm, "alarm") if self.alarm else None

    @property
    def priority_name(self) -> str:
        """Name of that alarm's priority."""
        return names.choice(defs.PRIORITY_NAMES, self.priority)

    @property
    def total_uptime_ms(self) -> int:
        """Milliseconds since power-on."""
        return self.uptime_s * 1000 + self.uptime_ms

    def shows_reset_since(self, earlier: Status) -> bool:
        """Whether the pump was reset after an earlier status: another start, or an uptime that went back."""
        return self.boot != earlier.boot or self.total_uptime_ms < earlier.total_uptime_ms


@frozen
class Therapy(_FromAnswer):
    """The plan and its progress; `rows` are [fluid, uL/day, begin h, length h], a length of 0 has no end."""

    profile: str
    rate_ul_day: int
    phase: int
    phases: int
    fluid: str
    next_fluid: str | None
    phase_left_s: int | None
    volume_left_nl: int | None
    cycles: int
    repeat_from: int
    rows: list[list[int]]

    @property
    def row(self) -> int:
        """Index in `rows` of the present phase."""
        if self.phase < len(self.rows):
            return self.phase
        return self.repeat_from + (self.phase - self.repeat_from) % (len(self.rows) - self.repeat_from)


@frozen
class Dose(_FromAnswer):
    """Recent doses, what may be given, and measurements; None without a rate or a measurement."""

    hour_nl: int
    day_nl: int
    hour_limit_nl: int
    day_limit_nl: int
    moved_ul: int
    bolus_left_nl: int
    lockout_s: int
    boluses_left: int
    tip_fluid: str
    hold_over_s: int | None
    refill_in_s: int | None
    trim_ppm: int
    supply_mv: int | None
    temperature_centi_c: int | None


@frozen
class Journal(_FromAnswer):
    """The state of the journal in flash and the cause of the last reset; `boot` is 0 when it is unknown."""

    area: str
    unfit: str
    unfit_index: int | None
    boot: int
    reset: int
    damaged: int
    uncertain: int
    counted: int
    size_bytes: int
    forced_erases: int

    @property
    def reset_name(self) -> str:
        """Name of the reset cause."""
        return names.name_of(defs.RESET_CAUSES, self.reset, "reset cause")


@frozen
class PairState(_FromAnswer):
    """Where a pairing is; `public` is the pump's public key in hex once it is calculated."""

    stage: str
    public: str | None
    left_s: int


@frozen
class PairedHost:
    """A host that the pump has a key of."""

    name: str
    role: str


@frozen
class Keys:
    """What the pump has in its flash for keys."""

    area: str
    starts: int
    hosts: list[PairedHost]


@frozen
class Pending(_FromAnswer):
    """A change that is waiting for confirmation."""

    draft: int
    command: str
    age_s: int


@frozen
class Withdrawal(_FromAnswer):
    """Withdrawn volume minus ledger; `percent` refers to the volume commanded since the last refill."""

    ledger_nl: int
    difference_nl: int
    commanded_nl: int
    percent: int


@frozen
class Sample:
    """Line pressure, `ms` after the beginning of a stroke; the last stroke is 0, the one before it 1."""

    stroke: int
    ms: int
    pa: int


@frozen
class Trace:
    """Pressure around the last strokes, as stored at an alarm of the line; alarm 0 for the present strokes."""

    alarm: int
    samples: tuple[Sample, ...]


@frozen
class ParamRow:
    """A parameter's present value."""

    param: int
    value: int

    @property
    def definition(self) -> defs.Param | None:
        """Its entry in the definitions, None for an unknown number."""
        return defs.PARAMS.get(self.param)

    @property
    def name(self) -> str:
        """Name in the definitions."""
        return names.name_of(defs.PARAMS, self.param, "parameter")


@frozen
class AlarmRow:
    """An alarm that is active or not acknowledged; `stands` while it is active.

    `times`: how often it came since it was acknowledged or had not come for ten minutes.
    """

    alarm: int
    stands: bool
    acknowledged: bool
    raised_s: int
    times: int

    @property
    def definition(self) -> defs.Alarm | None:
        """Its entry in the definitions, None for an unknown number."""
        return defs.ALARMS.get(self.alarm)

    @property
    def name(self) -> str:
        """Name in the definitions."""
        return names.name_of(defs.ALARMS, self.alarm, "alarm")

    @property
    def text(self) -> str:
        """What has happened."""
        return self.definition.text if self.definition else "This alarm is not in the definitions of this program."

    @property
    def action(self) -> str:
        """What to do about it."""
        return self.definition.action if self.definition else "Install the pumpctl of the pump's firmware."


@frozen
class ExchangeRow:
    """How often a part was read or written since power-on, and how often that was disturbed."""

    part: int
    exchanges: int
    disturbed: int

    @property
    def name(self) -> str:
        """Name in the definitions."""
        return names.name_of(defs.PARTS, self.part, "part")


@frozen
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
        return names.name_of(defs.EVENTS, self.event, "event")

    @property
    def detail(self) -> str:
        """Meaning of the two numbers as text; empty when this kind of record has none."""
        entry = defs.EVENTS.get(self.event)
        if entry is None:
            return f"{self.a} {self.b}"
        pairs = ((entry.a, self.a), (entry.b, self.b))
        return ", ".join(f"{label}: {names.meaning(label, number)}" for label, number in pairs if label)
