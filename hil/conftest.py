"""Bench tests on one target: `pytest hil --target unix`.

A test says what it needs with `@pytest.mark.needs("block_line")`; it is skipped on a target that can't do that, and it
is an error when no target can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bench import Bench, Evidence
from targets import TARGETS

_EVIDENCE = pytest.StashKey[Evidence]()


def pytest_addoption(parser: pytest.Parser) -> None:
    names = ", ".join(TARGETS)
    parser.addoption("--target", default="unix", help=f"where the bench tests of hil/ run: {names}; pico:/dev/ttyACM0")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*words): what a bench test needs of its target")
    name, target, _ = chosen(config)
    config.stash[_EVIDENCE] = Evidence(name, target.image_hash())


def chosen(config: pytest.Config) -> tuple[str, Any, str]:
    """The target that the command line names: (name, module, place)."""
    name, _, where = config.getoption("--target").partition(":")
    if name not in TARGETS:
        raise pytest.UsageError(f"There is no target {name!r}; there are {', '.join(TARGETS)}.")
    return name, TARGETS[name], where


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    name, target, _ = chosen(config)
    for item in items:
        wanted = {word for mark in item.iter_markers("needs") for word in mark.args}
        if not wanted:
            continue
        if not any(wanted <= module.CAPABILITIES for module in TARGETS.values()):
            raise pytest.UsageError(f"{item.nodeid} needs {', '.join(sorted(wanted))}; no target can do all of that")
        lacking = wanted - target.CAPABILITIES
        if lacking:
            item.add_marker(pytest.mark.skip(reason=f"{name} can't: {', '.join(sorted(lacking))}"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    config.stash[_EVIDENCE].write(Path(config.rootpath, f"build/hil/{chosen(config)[0]}-evidence.json"))


@pytest.fixture
def make_bench(request: pytest.FixtureRequest) -> Iterator[Callable[..., Bench]]:
    """Starts benches: `make_bench(seed=3, line_compliance_pl_pa=2000)`; they end with the test."""
    _, target, where = chosen(request.config)
    made: list[Bench] = []

    def make(seed: int = 1, **settings: int) -> Bench:
        made.append(target.start(where, seed, settings))
        return made[-1]

    yield make
    for bench in made:
        bench.close()


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    """A pump that was just switched on, in the world as it is by default."""
    return make_bench()


@pytest.fixture
def evidence(request: pytest.FixtureRequest) -> Any:
    """The book of measurements: `evidence.record(name, value, low, high, unit)`."""
    book = request.config.stash[_EVIDENCE]
    book.test = request.node.nodeid
    return book
