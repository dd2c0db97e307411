"""Every bug of both tables can be planted, changes something, and names tests that exist."""

import ast

import pytest
import seeded_bugs

EVERY = seeded_bugs.bugs()
NAMES = [bug["name"] for bug in EVERY]


def test_there_are_enough_and_each_has_its_own_name() -> None:
    assert len(EVERY) >= 25
    assert len(set(NAMES)) == len(NAMES)
    assert len(seeded_bugs.bugs("hand_made_faults")) == 60


@pytest.mark.parametrize("bug", EVERY, ids=NAMES)
def test_its_old_text_is_there_exactly_once(bug: seeded_bugs.Bug) -> None:
    assert set(bug) == {"name", "file", "old", "new", "why", "tests"}
    text = (seeded_bugs.ROOT / bug["file"]).read_text()
    assert seeded_bugs.planted(bug, text) != text


@pytest.mark.parametrize("bug", EVERY, ids=NAMES)
def test_with_it_the_file_is_still_a_program(bug: seeded_bugs.Bug) -> None:
    ast.parse(seeded_bugs.planted(bug, (seeded_bugs.ROOT / bug["file"]).read_text()))


@pytest.mark.parametrize("bug", EVERY, ids=NAMES)
def test_its_tests_exist(bug: seeded_bugs.Bug) -> None:
    assert bug["tests"]
    for test in bug["tests"]:
        file, _, function = test.partition("::")
        body = ast.parse((seeded_bugs.ROOT / file).read_text()).body
        names = [node.name for node in body if isinstance(node, ast.FunctionDef)]
        assert not function or function in names, test


def test_a_text_that_is_gone_or_stands_twice_is_an_error() -> None:
    bug = {"name": "x", "file": "y", "old": "a = 1", "new": "a = 2"}
    assert seeded_bugs.planted(bug, "a = 1\n") == "a = 2\n"
    for text in ("a = 3\n", "a = 1\na = 1\n"):
        with pytest.raises(seeded_bugs.Broken):
            seeded_bugs.planted(bug, text)
