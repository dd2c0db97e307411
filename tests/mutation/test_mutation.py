"""The modules of mutation.toml, their tests, and the lines of the explained survivors exist."""

import functools
import importlib
import subprocess
import sys
import tomllib
import types
from pathlib import Path

import mutation_command
import mutation_results
import pytest

MODULES = tomllib.loads((mutation_results.ROOT / "tests/mutation/mutation.toml").read_text())["modules"]
EXPLAINED = sorted(mutation_results.explained())


@pytest.mark.parametrize("module", MODULES)
def test_a_module_and_its_tests_are_files(module: str) -> None:
    assert (mutation_results.ROOT / mutation_results.path_of(module)).is_file()
    assert MODULES[module]
    assert all((mutation_results.ROOT / f"tests/unit/{name}.py").is_file() for name in MODULES[module])


@pytest.mark.parametrize(("module", "line", "becomes"), EXPLAINED)
def test_the_line_of_an_explained_survivor_is_still_there(module: str, line: str, becomes: str) -> None:
    text = (mutation_results.ROOT / mutation_results.path_of(module)).read_text()
    assert line in " ".join(row.strip() for row in text.splitlines())
    assert becomes != line


def test_mutants_of_types_are_told_from_those_of_the_program() -> None:
    source = "TYPE_CHECKING = const(False)\nif TYPE_CHECKING:\n    A = int | str\n\n"
    source += "def f(x: int | str = 1) -> int | None:\n    y: int | None = x | 2\n    return y\n"
    spans = mutation_results.spans_of_types(source)
    places = {(line, column) for line in range(1, 8) for column in range(60)}
    inside = {place for place in places if any(begin <= place < end for begin, end in spans)}
    rows = source.splitlines()
    marks = {(line, rows[line - 1].index("|")) for line in (3, 5, 6)}
    assert marks <= inside
    assert (5, rows[4].index("1")) not in inside and (6, rows[5].rindex("|")) not in inside


def test_the_line_before_and_after_is_read_from_a_difference() -> None:
    diff = "--- mutation diff ---\n--- a/x.py\n+++ b/x.py\n@@ -1,3 +1,3 @@\n a\n-    b = 1\n+    b = 2\n c"
    assert mutation_results.changed_lines(diff) == ("b = 1", "b = 2")


SOURCE = """A = 1
def f(x, y=2):
    if x < A and (
        y > 2
    ):
        return 1
    elif x: return 3
    return (4 +
        y)
"""


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("A = 1", "A = 2", None),
        ("y=2", "y=3", None),
        ("x < A", "x <= A", 3),
        ("y > 2", "y > 1", 3),
        ("return 1", "return 0", 6),
        ("return 3", "return 2", 7),
        ("4 +", "4 -", 8),
    ],
)
def test_a_mutant_needs_the_tests_that_execute_its_statement(old: str, new: str, line: int | None) -> None:
    assert mutation_command.changed_statement(SOURCE, SOURCE.replace(old, new)) == line


def test_only_tests_of_the_changed_statement_run_and_all_where_nothing_or_a_constant_has_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran: list[str] = []
    module = types.SimpleNamespace(**{name: functools.partial(ran.append, name) for name in "abc"})
    monkeypatch.setattr(mutation_command, "imported", lambda _path: module)
    record = {"source": SOURCE, "tests": [("file", "a", 0, [3, 6]), ("file", "b", 0, [3, 8]), ("file", "c", 9, [7, 8])]}
    cases = (("y > 2", "ab"), ("return 1", "a"), ("4 +", "b"), ("return 3", "c"), ("A = 1", "ab"), ("", "ab"))
    for old, expected in cases:
        ran.clear()
        mutation_command.run(record, SOURCE.replace(old, old and f"{old} "))
        assert "".join(ran) == expected


def test_a_failing_test_and_a_file_that_cannot_be_imported_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "tests/unit/test_one.py"
    file.parent.mkdir(parents=True)
    file.write_text("def test_a(): pass\ndef test_b(): assert 0\n")
    (file.parent / "test_two.py").write_text("import nothing_of_this_name\n")
    program = mutation_results.ROOT / "tests/mutation/mutation_command.py"
    nodes = ("test_one.py::test_a", "test_one.py::test_b", "test_one.py", "test_two.py")
    words = [[sys.executable, str(program), "call", f"tests/unit/{node}"] for node in nodes]
    done = [subprocess.run(one, cwd=tmp_path, capture_output=True, text=True, check=False) for one in words]
    assert [one.returncode for one in done] == [0, 1, 1, 2]
    assert done[2].stdout == "FAILED tests/unit/test_one.py::test_b\n"


def test_the_statements_that_a_test_executes_are_recorded_and_the_file_is_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "recorded_source.py"
    file.write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)

    def imported(_path: str) -> types.SimpleNamespace:
        f = importlib.import_module("recorded_source").f
        return types.SimpleNamespace(test_a=lambda: f(0, 3), test_b=lambda: f(0), test_c=lambda: f(5))

    monkeypatch.setattr(mutation_command, "imported", imported)
    record = mutation_command.recorded(file, ["x"])
    assert {row[1]: row[3] for row in record["tests"]} == {"test_a": [3, 6], "test_b": [3, 7, 8], "test_c": [3, 7]}
    assert record["source"] == file.read_text() == SOURCE
