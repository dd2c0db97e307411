"""A measurement in a session's file: conditions, weights, marks, figures. Each weight is committed before the next."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

from pumpctl import errors
from pumpctl.measurement import limits, result
from pumpctl.measurement.result import Conditions
from pumpctl.measurement.weights import Mark, Weight, Weights
from pumpctl.session import store


class Record:
    """An open measurement. Its methods raise NotSaved."""

    def __init__(self, path: Path, conditions: Conditions) -> None:
        """Continue the file's last measurement if it is of this kind and rate and has not ended, else begin one.

        Raises SessionUnfit, SessionDamaged, NotSaved.
        """
        self.path = path
        self._database = store.to_continue(path)
        self.weights = Weights()
        self.kept: dict[str, Any] = {}  # what `keep` stored before the run was interrupted
        self.continued = False
        self.last_at_ms = 0  # by this computer's clock
        try:
            self.conditions = conditions
            self._id = self._open(conditions)
        except sqlite3.Error as error:
            self._database.close()
            raise errors.NotSaved(path, error) from error

    def _open(self, conditions: Conditions) -> int:
        row = self._database.execute(
            "SELECT id, conditions, ended_ms, began_ms, figures FROM measurement ORDER BY id DESC LIMIT 1"
        ).fetchone()
        if row is not None and row[2] is None:
            earlier = Conditions(**json.loads(row[1]))
            if (earlier.kind, earlier.rate_ul_day) == (conditions.kind, conditions.rate_ul_day):
                self.conditions, self.continued = earlier, True
                self.weights = _weights(self._database, row[0])
                self.kept = json.loads(row[4])
                last = self._database.execute(
                    "SELECT max(at_ms) FROM weight WHERE measurement = ?", (row[0],)
                ).fetchone()[0]
                self.last_at_ms = last or row[3]
                return int(row[0])
        return self._insert(
            "INSERT INTO measurement (began_ms, conditions, figures) VALUES (?, ?, '{}')",
            _now_ms(),
            json.dumps(asdict(conditions)),
        )

    @property
    def piece(self) -> int:
        """The number of the piece that the next weight belongs to, unless a mark comes first."""
        return self.weights.rows[-1].piece if self.weights.rows else 1

    def weigh(self, weight: Weight, stable: bool) -> None:
        """Add a weight."""
        self._insert(
            "INSERT INTO weight (at_ms, measurement, time_ms, mass_ug, stable, piece) VALUES (?, ?, ?, ?, ?, ?)",
            _now_ms(), self._id, weight.time_ms, weight.mass_ug, int(stable), weight.piece,
        )  # fmt: skip
        self.weights.rows.append(weight)

    def mark(self, mark: Mark) -> None:
        """Mark a place."""
        self._insert(
            "INSERT INTO weight_mark (at_ms, measurement, time_ms, cause, text) VALUES (?, ?, ?, ?, ?)",
            _now_ms(), self._id, mark.time_ms, mark.cause, mark.text,
        )  # fmt: skip
        self.weights.marks.append(mark)

    def keep(self, found: Mapping[str, Any]) -> None:
        """Store what was found so far, for a continuation."""
        self._insert("UPDATE measurement SET figures = ? WHERE id = ?", json.dumps(found), self._id)

    def end(self, figures: Mapping[str, Any]) -> None:
        """End the measurement with what else was found; it can't be continued after that."""
        self._insert(
            "UPDATE measurement SET ended_ms = ?, figures = ? WHERE id = ?", _now_ms(), json.dumps(figures), self._id
        )

    def close(self) -> None:
        """Close the file; a measurement that has not ended can be continued."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _insert(self, statement: str, *values: Any) -> int:
        try:
            with self._database:
                return int(self._database.execute(statement, values).lastrowid or 0)
        except sqlite3.Error as error:
            raise errors.NotSaved(self.path, error) from error


def results(path: Path, given: Mapping[str, Any], wanted: Mapping[str, float]) -> list[result.Result]:
    """Return the measurements of a session, with `given` in place of their conditions.

    Raises SessionUnfit, SessionDamaged, UsageProblem, ReportExtraMissing.
    """
    with store.to_read(path) as database:
        return results_in(database, path.stem, given, wanted)


def weights_of(path: Path) -> Weights:
    """Return the weights of a session's last measurement, with the conditions that the analysis needs.

    Raises NoMeasurement, SessionUnfit, SessionDamaged.
    """
    with store.to_read(path) as database:
        row = _last(database)
        if row is None:
            raise errors.NoMeasurement(path)
        weights = _weights(database, row["id"])
    known = {name: value for name, value in json.loads(row["conditions"]).items() if value not in (None, "")}
    weights.conditions.update({name: str(value).replace("\n", " ") for name, value in known.items()})
    return weights


def _last(database: sqlite3.Connection) -> sqlite3.Row | None:
    if not _has_measurements(database):
        return None
    found: sqlite3.Row | None = database.execute("SELECT * FROM measurement ORDER BY id DESC LIMIT 1").fetchone()
    return found


def _has_measurements(database: sqlite3.Connection) -> bool:
    """Whether the file is not older than measurements."""
    return bool(database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'weight_mark'").fetchone()[0])


def results_in(
    database: sqlite3.Connection, session: str, given: Mapping[str, Any], wanted: Mapping[str, float]
) -> list[result.Result]:
    """Return the same of an open session of this name; one that is older than measurements has none."""
    if not _has_measurements(database):
        return []
    recorded = database.execute("SELECT id, conditions, figures FROM measurement ORDER BY id").fetchall()
    found = []
    for number, (measurement, conditions, figures) in enumerate(recorded, 1):
        full = replace(Conditions(**json.loads(conditions)), **given)
        name = session if len(recorded) == 1 else f"{session} {number} {full.kind}"
        weights, more = _weights(database, measurement), json.loads(figures)
        if weights.rows:
            found.append(result.of_weights(name, weights, full, wanted))
            continue
        measured = more.get("figures", {})
        columns, table = tuple(more.get("columns", ())), more.get("table", [])
        verdicts = limits.verdicts(measured, wanted)
        found.append(result.Result(name, full, measured, None, tuple(weights.marks), columns, table, verdicts))
    return found


def _weights(database: sqlite3.Connection, measurement: int) -> Weights:
    rows = database.execute(
        "SELECT time_ms, mass_ug, piece FROM weight WHERE measurement = ? ORDER BY id", (measurement,)
    )
    marks = database.execute(
        "SELECT time_ms, cause, text FROM weight_mark WHERE measurement = ? ORDER BY id", (measurement,)
    )
    return Weights([Weight(*row) for row in rows], [Mark(*row) for row in marks])


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
