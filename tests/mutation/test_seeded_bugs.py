"""Every planted bug of canaries.toml still finds its place, changes something, and names tests that exist."""

import ast

import pytest
import seeded_bugs

EVERY = seeded_bugs.canaries()
NAMES = [canary["name"] for canary in EVERY]


def test_there_are_enough_and_each_has_its_own_name() -> None:
    assert len(EVERY) >= 25
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("canary", EVERY, ids=NAMES)
def test_its_old_text_is_there_exactly_once(canary: seeded_bugs.Canary) -> None:
    assert set(canary) == {"name", "file", "old", "new", "why", "tests"}
    text = (seeded_bugs.ROOT / canary["file"]).read_text()
    assert seeded_bugs.planted(canary, text) != text


@pytest.mark.parametrize("canary", EVERY, ids=NAMES)
def test_with_it_the_file_is_still_a_program(canary: seeded_bugs.Canary) -> None:
    ast.parse(seeded_bugs.planted(canary, (seeded_bugs.ROOT / canary["file"]).read_text()))


@pytest.mark.parametrize("canary", EVERY, ids=NAMES)
def test_its_tests_exist(canary: seeded_bugs.Canary) -> None:
    assert canary["tests"]
    for test in canary["tests"]:
        file, _, function = test.partition("::")
        body = ast.parse((seeded_bugs.ROOT / file).read_text()).body
        names = [node.name for node in body if isinstance(node, ast.FunctionDef)]
        assert not function or function in names, test


def test_a_text_that_is_gone_or_stands_twice_is_an_error() -> None:
    canary = {"name": "x", "file": "y", "old": "a = 1", "new": "a = 2"}
    assert seeded_bugs.planted(canary, "a = 1\n") == "a = 2\n"
    for text in ("a = 3\n", "a = 1\na = 1\n"):
        with pytest.raises(seeded_bugs.Broken):
            seeded_bugs.planted(canary, text)
