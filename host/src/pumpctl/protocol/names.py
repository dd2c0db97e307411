"""Names of the numbers in answers: states, conditions, alarms, and the numbers in records of the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pumpctl import defs

# The table or list that names a number of a record, by its label in the definitions.
_TABLES: dict[str, Mapping[int, defs.Named]] = {
    "state": defs.STATES,
    "state before": defs.STATES,
    "state now": defs.STATES,
    "alarm": defs.ALARMS,
    "part": defs.PARTS,
    "part fault": defs.PART_FAULTS,
    "parameter": defs.PARAMS,
    "reset cause": defs.RESET_CAUSES,
    "refusal": defs.REFUSALS,
    "command": {command.id: command for command in defs.COMMANDS.values()},
}
_CHOICES = {
    "profile": defs.PROFILE_NAMES,
    "fluid": defs.FLUID_NAMES,
    "purpose": defs.PURPOSE_NAMES,
    "override": defs.OVERRIDE_NAMES,
    "drop reason": defs.DROP_REASON_NAMES,
    "test": defs.TEST_NAMES,
    "role": defs.ROLE_NAMES,
}


def name_of(table: Mapping[int, defs.Named], number: int, kind: str) -> str:
    """Return a number's name in a table, or `kind 99` for an unknown number."""
    entry = table.get(number)
    return entry.name if entry else f"{kind} {number}"


def of_mask(table: Mapping[int, defs.Named], bits: int, kind: str) -> tuple[str, ...]:
    """Return the names of the bits or notes in a mask, lowest first."""
    masks = (1 << place for place in range(bits.bit_length()) if bits >> place & 1)
    return tuple(name_of(table, mask, kind) for mask in masks)


def choice(values: Sequence[str], number: int) -> str:
    """Return a choice's name, or the number itself for an unknown one."""
    return values[number] if 0 <= number < len(values) else str(number)


def meaning(label: str, number: int) -> str:
    """Return a number of a record as text: by its name if the label has a table of names."""
    if label in _TABLES:
        return name_of(_TABLES[label], number, label.partition(" before")[0].partition(" now")[0])
    return choice(_CHOICES[label], number) if label in _CHOICES else str(number)
