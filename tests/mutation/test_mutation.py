"""The modules of mutation.toml, their tests, and the lines of the explained survivors exist."""

import tomllib

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
