"""Renders docs/states.md: the drawing of the states, and the tables of states and transitions."""

from __future__ import annotations

from python_text import BANNER
from render_reference import cell, grid
from tables import Entry, Tables

HEAD = f"""# States

<!-- {BANNER} -->

![States and transitions](states.svg)

A dashed frame stands for the states within it. Each line of a label is a request or a bit that causes the
transition, or, after `and`, a further condition. *held by n bits*: the transition is blocked while any of these bits
is set; they are under `unless` below. Transitions with the same label join at a dot. Texts of all bits and notes:
[REFERENCE.md](../firmware/definitions/REFERENCE.md).
"""
TRANSITIONS = """
Rows are checked from the top, the most dangerous first; the first that matches is used. A row matches when the pump is
in a state of `from`, all bits of `when` are set and none of `unless`, and, if it names a `request`, this is the one
that was made. A row that `cuts` stops the motion at once; with any other the stroke is finished first.
"""


def render(tables: Tables) -> str:
    cutting = {bit["name"] for bit in tables["bit"] if bit.get("cuts")}
    states = [[f"`{s['name']}`", s["motion"], reminder(s), s["text"]] for s in tables["state"]]
    transitions = [
        [cell(row["from"]), row.get("request", ""), cell(row["when"]), cell(row.get("unless", [])), row["to"]]
        + [cut(row, cutting)]
        for row in tables["transition"]
    ]
    return "\n".join([
        HEAD, "## States", "", *grid(("state", "motion", "reminder", "text"), states),
        "", "## Transitions", TRANSITIONS, *grid(("from", "request", "when", "unless", "to", "cuts"), transitions), "",
    ])  # fmt: skip


def reminder(state: Entry) -> str:
    """The note that is set after a time in the state: seconds, or the parameter with the seconds."""
    if "reminds" not in state:
        return ""
    after = f"{state['reminder_s']} s" if "reminder_s" in state else f"`{state['reminder']}`"
    first = f"{state['reminds']} after {after}"
    if "reminds_after" not in state:
        return first
    return f"{first}; once the pump has delivered, {state['reminds_after']} after `{state['reminder_after']}`"


def cut(row: Entry, cutting: set[str]) -> str:
    return "yes" if cutting & set(row["when"]) else ""
