"""The results of the mutants, read from cosmic-ray's sessions and compared with the explained survivors."""

from __future__ import annotations

import ast
import json
import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
EXPLAINED = ROOT / "tests/mutation/mutation_survivors.toml"


def path_of(module: str) -> str:
    """The file of a module of mutation.toml: of firmware/drivers if its name begins so, else of firmware/pump."""
    return f"firmware/{module}.py" if module.startswith("drivers/") else f"firmware/pump/{module}.py"


@dataclass(frozen=True)
class Mutant:
    """A surviving mutant: what `line` of a module was and became; `number` counts from 1."""

    module: str
    number: int
    line: str
    becomes: str

    def key(self) -> tuple[str, str, str]:
        return self.module, self.line, self.becomes


@dataclass
class Score:
    """The results of one module. Mutants that change only a type annotation are not counted."""

    module: str
    killed: int = 0
    pending: int = 0
    survivors: list[Mutant] = field(default_factory=list)
    unexplained: list[Mutant] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.killed + len(self.survivors)

    @property
    def percent(self) -> float:
        return round(100 * self.killed / self.total, 2) if self.total else 0.0

    @property
    def noticeable_percent(self) -> float:
        """The killed part of the mutants that are not explained."""
        noticeable = self.killed + len(self.unexplained)
        return round(100 * self.killed / noticeable, 2) if noticeable else 0.0


def explained() -> set[tuple[str, str, str]]:
    """(module, line, changed line) of every explained survivor."""
    rows: list[dict[str, Any]] = tomllib.loads(EXPLAINED.read_text()).get("survivor", [])
    return {(row["module"], row["line"], becomes) for row in rows for becomes in row["becomes"]}


def score(module: str, cosmic_ray: Path, session: Path, source: str) -> Score:
    """Reads a session whose mutants were made from this source."""
    dump = subprocess.run([cosmic_ray, "dump", session], capture_output=True, text=True, check=True).stdout
    unused = spans_of_types(source)
    known = explained()
    found = Score(module)
    for row in dump.splitlines():
        item, result = json.loads(row)
        mutation = item["mutations"][0]
        at = tuple(mutation["start_pos"])
        if result is None:
            found.pending += 1
        elif result["worker_outcome"] != "skipped" and not any(begin <= at < end for begin, end in unused):
            if result["test_outcome"] != "survived":
                found.killed += 1
            else:
                found.survivors.append(Mutant(module, at[0], *changed_lines(result["diff"])))
    found.survivors.sort(key=lambda mutant: (mutant.number, mutant.becomes))
    found.unexplained = [mutant for mutant in found.survivors if mutant.key() not in known]
    return found


def changed_lines(diff: str) -> tuple[str, str]:
    """The changed line of a diff, before and after; several lines are joined."""
    rows = diff.splitlines()[3:]
    before, after = ([row[1:].strip() for row in rows if row.startswith(sign)] for sign in "-+")
    return " ".join(before).strip(), " ".join(after).strip()


def spans_of_types(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Start and end (line, column) of annotations and of code that only a type checker reads."""
    spans = []
    for node in ast.walk(ast.parse(source)):
        inner: list[ast.expr | ast.stmt | None] = []
        if isinstance(node, ast.AnnAssign):
            inner = [node.annotation]
        elif isinstance(node, ast.FunctionDef):
            inner = [node.returns, *(argument.annotation for argument in node.args.args)]
        elif isinstance(node, ast.Assign | ast.If) and "TYPE_CHECKING" in ast.unparse(node).splitlines()[0]:
            inner = [node]
        for part in inner:
            if part is not None:
                spans.append(((part.lineno, part.col_offset), (part.end_lineno or 0, part.end_col_offset or 0)))
    return spans


def summary(scores: Sequence[Score]) -> str:
    rows = ["# Mutation testing", ""]
    rows += ["| module | mutants | killed | survived | unexplained | score | without explained |"]
    rows += ["|---|---|---|---|---|---|---|"]
    for one in scores:
        counts = f"{one.total} | {one.killed} | {len(one.survivors)} | {len(one.unexplained)}"
        rows.append(f"| {one.module} | {counts} | {one.percent} % | {one.noticeable_percent} % |")
    total, killed = sum(one.total for one in scores), sum(one.killed for one in scores)
    rows += ["", f"{killed} of {total} mutants were killed: {100 * killed / max(1, total):.2f} %."]
    pending = sum(one.pending for one in scores)
    rows += [f"{pending} have not run yet."] if pending else []
    for one in scores:
        rows += [f"\n## {one.module}: not explained\n"] if one.unexplained else []
        rows += [f"* line {it.number}: `{it.line}` → `{it.becomes}`" for it in one.unexplained]
    return "\n".join(rows) + "\n"
