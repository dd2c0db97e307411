"""Records of measurements: new files only, and what changed between two runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pumpctl import errors
from pumpctl.testing import Evidence, evidence

BEGAN = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)


def recorded(folder: Path, **values: float) -> Path:
    record = Evidence("unix", "abc", test="test_a")
    for name, value in values.items():
        try:
            record.record(name, value, 0, 10, "s")
        except AssertionError:
            continue
    path = record.write(folder, BEGAN)
    assert path is not None
    return path


def test_no_run_replaces_another(tmp_path: Path) -> None:
    first, second = recorded(tmp_path / "runs", a=1), recorded(tmp_path / "runs", a=2)
    assert [first.name, second.name] == ["20260301T120005Z-unix.json", "20260301T120005Z-unix-2.json"]
    assert [json.loads(path.read_text())["measurements"][0]["value"] for path in (first, second)] == [1, 2]
    assert Evidence("unix").write(tmp_path / "none", BEGAN) is None
    assert not (tmp_path / "none").exists()
    with pytest.raises(errors.NotSaved):
        recorded(first, a=1)


def test_what_changed_is_shown_and_what_is_worse_ends_with_code_5(run: Any, tmp_path: Path) -> None:
    before = recorded(tmp_path / "before", a=4, b=0, lost=1)
    code, out, err = run("evidence", "diff", str(before), str(recorded(tmp_path / "after", a=5, b=1, new=2)), port=None)
    rows = [line.split() for line in out.splitlines()[1:]]
    assert rows == [
        ["a", "s", "4", "5", "+25.00", "%"], ["b", "s", "0", "1"], ["new", "s", "2"], ["lost", "s", "1", "missing"],
    ]  # fmt: skip
    assert (code, "1 of 4 measurements" in err, "image abc" in err) == (5, True, True)
    code, out, _ = run("evidence", "diff", str(before), str(recorded(tmp_path / "bad", a=11, b=0, lost=1)), port=None)
    assert (code, "beyond its limit" in out) == (5, True)
    assert run("evidence", "diff", str(before), str(tmp_path / "before"), port=None)[0] == 0


def test_the_history_shows_the_course_of_each_measurement(run: Any, tmp_path: Path) -> None:
    for values in ({"a": 1}, {"a": 4, "b<": 2}, {"a": 11}):
        recorded(tmp_path / "runs", **values)
    page = tmp_path / "h.html"
    code, _, err = run("evidence", "history", str(tmp_path / "runs"), "-o", str(page), port=None)
    text = page.read_text()
    assert (code, "3 runs" in err) == (0, True)
    assert '<tr class="bad"><td>a</td><td>11 s</td><td>0 to 10</td><td>3 of 3</td>' in text
    assert '<tr class="good"><td>b&lt;</td><td>2 s</td><td>0 to 10</td><td>1 of 3</td>' in text
    # The limits 0 to 10 and the values 1, 4, 11 on 28 of 36 units, with an edge of 4.
    assert '<polyline points="4.0,29.5 120.0,21.8 236.0,4.0"/>' in text
    for words in ([str(tmp_path)], [str(tmp_path / "none")], [str(tmp_path / "runs"), "-o", str(tmp_path)]):
        code, _, err = run("evidence", "history", *words, port=None)
        assert (code in (5, 7), err.count("\n")) == (True, 1)


def test_a_test_that_measures_the_same_twice_is_compared_in_order() -> None:
    record = Evidence("unix", test="test_a")
    for value in (1, 2, 3):
        record.record("a", value, None, None, "s")
    found = evidence.differences(record.rows[:2], record.rows)
    assert [(row.before, row.after) for row in found] == [(1, 1), (2, 2), (None, 3)]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"measurements": [{"name": 1}]}', '{"measurements": 3}', "\xff"])
def test_a_file_that_is_no_record_is_one_sentence(run: Any, tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.json"
    file.write_text(text, encoding="latin-1")
    good = recorded(tmp_path / "good", a=1)
    for words in ((file, good), (good, file), (tmp_path / "none", good), (tmp_path, good)):
        code, out, err = run("evidence", "diff", *map(str, words), port=None)
        assert (code, out, err.count("\n")) == (5, "", 1), err
