"""Renders docs/states.md: the drawing of the states and, from the same tables, what it leaves out."""

from __future__ import annotations

from python_text import BANNER
from render_reference import cell, grid
from tables import Entry, Tables

HEAD = f"""# States

<!-- {BANNER} -->

![States and the ways between them](states.svg)

A dashed frame stands for the states within it. Each line of a label is a bit that leads along the arrow, or, after
`and`, what else has to be so. A way that is *held* is refused while any of so many bits is set; they stand under
`unless` below. A dot is where ways of the same label join.
Every bit and note in words: [REFERENCE.md](../firmware/definitions/REFERENCE.md).
"""
TRANSITIONS = """
Rows are tried from the top, the most dangerous first; the first that fits is taken. A row fits when the pump is in a
state of `from`, every bit under `when` is set and none under `unless`. A bit that `cuts` ends a stroke in its middle;
after any other the stroke is finished first.
"""


def render(tables: Tables) -> str:
    cutting = {bit["name"] for bit in tables["bit"] if bit.get("cuts")}
    states = [[f"`{s['name']}`", s["motion"], called_to_mind(s), s["text"]] for s in tables["state"]]
    transitions = [
        [cell(row["from"]), cell(row["when"]), cell(row.get("unless", [])), row["to"], cut(row, cutting)]
        for row in tables["transition"]
    ]
    return "\n".join([
        HEAD, "## What each state is", "", *grid(("state", "motion", "calls to mind", "text"), states),
        "", "## Ways between them", TRANSITIONS, *grid(("from", "when", "unless", "to", "cuts"), transitions), "",
    ])  # fmt: skip


def called_to_mind(state: Entry) -> str:
    """The note that a long stay sets, and after what time: seconds, or the parameter that holds them."""
    if "reminds" not in state:
        return ""
    after = f"{state['reminder_s']} s" if "reminder_s" in state else f"`{state['reminder']}`"
    return f"{state['reminds']} after {after}"


def cut(row: Entry, cutting: set[str]) -> str:
    return "yes" if cutting & set(row["when"]) else ""
