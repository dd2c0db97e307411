"""Each requirement names tests that exist, and each test file names the requirements that name it."""

import ast
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROWS: list[dict[str, Any]] = tomllib.loads((ROOT / "tests/requirements.toml").read_text())["requirement"]


def _claims(text: str) -> set[str]:
    """The ids in REQUIREMENTS of a test file."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REQUIREMENTS":
            return set(ast.literal_eval(node.value))
    return set()


def _functions(text: str) -> set[str]:
    return {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}


def _files() -> list[Path]:
    return [path for folder in ("tests", "hil") for path in sorted((ROOT / folder).rglob("test_*.py"))]


def test_ids_are_used_once() -> None:
    ids = [row["id"] for row in ROWS]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_each_row_names_tests_that_exist_or_says_why_not(row: dict[str, Any]) -> None:
    assert row["text"] and row["source"]
    assert bool(row.get("tests")) != bool(row.get("open"))
    for test in row.get("tests", []):
        name, _, function = test.partition("::")
        assert function.startswith("test_")
        assert function in _functions((ROOT / name).read_text()), test


def test_each_file_names_the_rows_that_name_it() -> None:
    for path in _files():
        name = path.relative_to(ROOT).as_posix()
        named = {row["id"] for row in ROWS for test in row.get("tests", []) if test.partition("::")[0] == name}
        assert _claims(path.read_text()) == named, name
