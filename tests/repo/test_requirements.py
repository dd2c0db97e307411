"""Each safety requirement names tests that run, each safety test names its requirements; each check can fail."""

import copy
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import traceability
from interpreters import LONGEST_S
from traceability import Table

ROOT = Path(__file__).resolve().parents[2]
IDS = ["D1", "D2", "D3"]
A = "tests/unit/test_a.py"
B = "hil/test_b.py"
TEXTS = {
    A: 'REQUIREMENTS = ("D1",)\n\ndef test_one():\n    pass\n\ndef test_other():\n    pass\n',
    B: 'REQUIREMENTS = ("D1", "D2")\n\ndef test_two():\n    pass\n\ndef helper():\n    pass\n',
    "tests/test_c.py": "def test_three():\n    pass\n",
}
TABLE: Table = {
    "safety": ["hil/test_*.py", A],
    "requirement": [
        {"id": "D1", "text": "One.", "source": "X", "tests": [f"{A}::test_one", f"{B}::test_two"]},
        {"id": "D2", "text": "Two.", "source": "X", "tests": [f"{B}::test_two"], "open": "The rest."},
        {"id": "D3", "text": "Three.", "source": "X", "open": "All of it."},
    ],
}


def test_table_and_test_files_agree() -> None:
    assert list(traceability.misfits(traceability.table(), traceability.files(), traceability.IDS)) == []


def test_the_page_is_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert traceability.main(["--check"]) == 0, capsys.readouterr().err


def test_a_table_that_fits_passes() -> None:
    assert list(traceability.misfits(TABLE, TEXTS, IDS)) == []


def set_row(number: int, **changes: object) -> Callable[[Table, dict[str, str]], None]:
    return lambda table, texts: table["requirement"][number].update(changes)


def set_text(path: str, old: str, new: str) -> Callable[[Table, dict[str, str]], None]:
    return lambda table, texts: texts.update({path: texts[path].replace(old, new)})


SPOILT: dict[str, tuple[Callable[[Table, dict[str, str]], None], str]] = {
    "a row is missing": (lambda table, texts: table["requirement"].pop(2), "missing: ['D3']"),
    "a row twice": (lambda table, texts: table["requirement"].append(table["requirement"][2]), "not one for each id"),
    "an unknown id": (set_row(2, id="D9"), "foreign: ['D9']"),
    "another order": (lambda table, texts: table["requirement"].reverse(), "not one for each id"),
    "no text": (set_row(0, text=""), "D1 has no text or no source"),
    "no source": (set_row(1, source=""), "D2 has no text or no source"),
    "neither tests nor open": (set_row(2, open=""), "D3 names neither a test nor why it is open"),
    "a test twice": (set_row(1, tests=[f"{B}::test_two"] * 2), "D2 names a test twice"),
    "no such file": (set_row(1, tests=[f"{B}::test_two", "hil/test_z.py::test_two"]), "which there is not"),
    "no such test": (set_row(0, tests=[f"{A}::test_none", f"{B}::test_two"]), f"D1 names {A}::test_none, which"),
    "a test that was renamed": (set_text(A, "test_one", "test_once"), f"D1 names {A}::test_one, which there is not"),
    "a file without a test": (set_row(0, tests=[A, f"{B}::test_two"]), f"D1 names {A}, which there is not"),
    "no test but a helper": (set_row(1, tests=[f"{B}::helper"]), f"D2 names {B}::helper, which there is not"),
    "a claim without a row": (set_text(A, '"D1"', '"D1", "D3"'), f"{A} claims ['D1', 'D3']"),
    "a claim that is missing": (set_text(B, '"D1", "D2"', '"D2",'), f"{B} claims ['D2'], and the rows"),
    "a claim twice": (set_text(B, '"D2"', '"D2", "D2"'), f"{B} claims ['D1', 'D2', 'D2']"),
    "a safety test without a row": (
        lambda table, texts: texts.update({"hil/test_new.py": "def test_new():\n    pass\n"}),
        "hil/test_new.py is about safety and claims no row",
    ),
    "a pattern without files": (
        lambda table, texts: table["safety"].append("hil/y*.py"),
        "No test file is called hil/y*.py",
    ),
}


@pytest.mark.parametrize("case", SPOILT)
def test_each_inconsistency_is_found(case: str) -> None:
    spoil, said = SPOILT[case]
    table, texts = copy.deepcopy(TABLE), dict(TEXTS)
    spoil(table, texts)
    assert any(said in misfit for misfit in traceability.misfits(table, texts, IDS))


def test_a_stale_page_is_found_and_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tests/repo").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(traceability, "ROOT", tmp_path)
    monkeypatch.setattr(traceability, "PAGE", tmp_path / "docs/requirements.md")
    text = (ROOT / "tests/repo/requirements.toml").read_text()
    (tmp_path / "tests/repo/requirements.toml").write_text(text)
    assert traceability.main(["--check"]) == 1
    assert traceability.main([]) == 0
    assert traceability.main(["--check"]) == 0
    changed = text.replace("hil/tests/test_link.py::", "hil/tests/test_other.py::")
    (tmp_path / "tests/repo/requirements.toml").write_text(changed)
    assert traceability.main(["--check"]) == 1


def test_the_page_tells_what_is_shown_in_part_and_open() -> None:
    lines = traceability.page(TABLE).splitlines()
    assert "1 of 3 are shown, 1 in part, 1 are open." in lines
    told = f"| D2 | Two. | X | in part | [{B}](../{B}) `test_two`<br>*Open:* The rest. |"
    assert told in lines
    assert "| D3 | Three. | X | open | *Open:* All of it. |" in lines


# ---- the check that the named tests ran, in a separate session -------------------------------------------------------

TESTS_OF_SESSION = """
import pytest

REQUIREMENTS = ("D1",)


@pytest.mark.parametrize("turn", [1, 2])
def test_named(turn):
    if {skip} or turn == 2:
        pytest.skip("not here")


def test_other():
    assert {good}
"""
OPTION = "def pytest_addoption(parser):\n    parser.addoption('--target', default='unix,emulated')\n"
CONFIG = "[pytest]\nmarkers = long(reason)\n"
CONFIG += "testpaths = tests hil\npythonpath = tests/repo\naddopts = --import-mode=importlib\n"


@pytest.fixture
def session(tmp_path: Path) -> Callable[..., tuple[int, bool]]:
    """Runs pytest in a project whose row names hil/test_b.py::test_named: (exit code, whether it was missed)."""
    (tmp_path / "tests/repo").mkdir(parents=True)
    (tmp_path / "hil").mkdir()
    for name in ("conftest.py", "repo/traceability.py"):
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests" / name)
    (tmp_path / "tests/repo/requirements.toml").write_text(
        f'safety = []\n[[requirement]]\nid = "D1"\ntext = "."\nsource = "."\ntests = ["{B}::test_named"]\n'
    )
    (tmp_path / "tests/test_a.py").write_text("def test_a():\n    pass\n")
    (tmp_path / "hil/conftest.py").write_text(OPTION)
    (tmp_path / "pytest.ini").write_text(CONFIG)

    def run(*arguments: str, skip: bool = False, good: bool = True, text: str = TESTS_OF_SESSION) -> tuple[int, bool]:
        (tmp_path / B).write_text(text.format(skip=skip, good=good))
        words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
        # Plugins take seconds to load, and ours has the option --target as well.
        environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=LONGEST_S
        )
        missed = f"D1: {B}::test_named" in done.stdout
        assert missed == ("safety requirements that did not run" in done.stdout), done.stdout + done.stderr
        return done.returncode, missed

    return run


def test_a_whole_session_fails_without_a_named_test(session: Callable[..., tuple[int, bool]]) -> None:
    assert session() == (0, False)
    assert session(good=False) == (1, False)
    assert session(skip=True) == (1, True)
    assert session(skip=True, good=False) == (1, True)
    assert session("--target=unix,pico:COM3,emulated", skip=True) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["-k", "named or test_a"], ["-m", "not slow"], ["hil"], ["tests"], ["--deselect", f"{B}::test_other"],
        ["--ignore", B], ["--ignore-glob", "*/test_b.py"], ["--target=emulated"], ["--target=unix"], ["--collect-only"],
    ],
)  # fmt: skip
def test_a_session_of_selected_tests_is_not_checked(
    session: Callable[..., tuple[int, bool]], arguments: list[str]
) -> None:
    assert session(*arguments, skip=True) == (0, False)


LONG = """
import pytest


@pytest.mark.long("")
def test_named():
    {}


def test_quick():
    pass
"""


def test_the_long_tests_are_checked_with_what_the_quick_ones_ran(session: Callable[..., tuple[int, bool]]) -> None:
    both = "--target=unix,emulated"
    assert session("-m", "long", both, text=LONG.format("pass")) == (0, False)
    assert session("-m", "long", both, text=LONG.format("pytest.skip('')")) == (1, True)
    short = LONG.format("pass").replace('@pytest.mark.long("")', "")
    assert session("-m", "not long", "--target=unix", text=short) == (0, False)
    assert session("-m", "long", both, text=LONG.format("pytest.skip('')")) == (0, False)


def test_the_quick_session_tells_what_is_left() -> None:
    ran = {f"{A}::test_one", f"{B}::test_two"}
    assert traceability.left_open(TABLE, ran) == "All tests of 3 of 3 safety requirements have run."
    told = "All tests of 2 of 3 safety requirements have run; `make test-all` runs the rest of D1."
    assert traceability.left_open(TABLE, ran - {f"{A}::test_one"}) == told


def test_an_interrupted_session_is_not_checked(session: Callable[..., tuple[int, bool]]) -> None:
    assert session("-x", skip=True, good=False) == (1, False)
