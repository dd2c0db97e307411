"""Rules about the tests: their folders mirror what they test, none imports another, and no folder is too full."""

import ast
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_UNIT = ROOT / "tests/unit"
_MOST_FILES = 15
_CODE = (".py", ".js", ".mjs")
# Not counted, as readers don't search them.
_GENERATED = {"firmware/pump/defs.py", "host/src/pumpctl/defs.py"}
# The top of firmware/pump (app, controller, persistence) is tested in this folder.
_TOP = "app"


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in listed.splitlines() if (ROOT / path).is_file()]


def too_full(paths: Iterable[str]) -> dict[str, int]:
    """Folders with more than _MOST_FILES source files, without `__init__` and generated files."""
    files = [Path(path) for path in paths if path.endswith(_CODE) and path not in _GENERATED]
    counts = Counter(path.parent.as_posix() for path in files if path.name != "__init__.py")
    return {folder: count for folder, count in sorted(counts.items()) if count > _MOST_FILES}


def imported_tests(source: str) -> Iterator[str]:
    """The test modules that a file imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(name.name for name in node.names)]
        else:
            continue
        yield from (name for name in names if name.rpartition(".")[2].startswith("test_"))


def _own_tests(source: str) -> bool:
    """Whether a file has a test function."""
    return any(isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in ast.parse(source).body)


def test_no_folder_has_more_than_15_source_files() -> None:
    assert too_full(_tracked()) == {}


def test_a_folder_that_is_too_full_is_found() -> None:
    assert too_full([f"a/b/{number}.py" for number in range(16)]) == {"a/b": 16}
    assert too_full([f"a/b/{number}.py" for number in range(15)] + ["a/b/__init__.py", "a/b/c.md"]) == {}


def test_no_test_imports_a_test_and_no_rig_either() -> None:
    # Modules of the firmware may be called test_... as well.
    product = {path.stem for path in (ROOT / "firmware").rglob("*.py")}
    found = []
    for path in sorted((ROOT / "tests").rglob("*.py")) + sorted((ROOT / "hil/tests").rglob("*.py")):
        found += [f"{path.relative_to(ROOT)} imports {name}" for name in imported_tests(path.read_text())]
    assert [row for row in found if row.split()[-1] not in product] == []


def test_an_imported_test_is_found() -> None:
    assert list(imported_tests("import test_trim")) == ["test_trim"]
    assert list(imported_tests("from flow import test_trim")) == ["test_trim"]
    assert list(imported_tests("import trim_rig\nfrom pump.flow import trim")) == []


def test_each_package_of_the_firmware_has_its_test_folder() -> None:
    packages = {path.parent.name for path in (ROOT / "firmware/pump").glob("*/__init__.py")} | {_TOP, "drivers"}
    assert {name for name in packages if not list((_UNIT / name).glob("test_*.py"))} == set()


def test_rigs_and_models_hold_no_tests() -> None:
    for folder in ("rigs", "chip_models"):
        for path in (_UNIT / folder).glob("*.py"):
            assert not path.name.startswith("test_") and not _own_tests(path.read_text()), path


def test_every_unit_test_lies_in_a_folder_of_its_subject() -> None:
    assert list(_UNIT.glob("test_*.py")) == []
