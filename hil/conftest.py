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
    parser.addoption("--target", default="unix", choices=sorted(TARGETS), help="where the bench tests of hil/ run")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*words): what a bench test needs of its target")
    target = config.getoption("--target")
    config.stash[_EVIDENCE] = Evidence(target, TARGETS[target].image_hash())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    target = config.getoption("--target")
    for item in items:
        wanted = {word for mark in item.iter_markers("needs") for word in mark.args}
        if not wanted:
            continue
        if not any(wanted <= module.CAPABILITIES for module in TARGETS.values()):
            raise pytest.UsageError(f"{item.nodeid} needs {', '.join(sorted(wanted))}; no target can do all of that")
        lacking = wanted - TARGETS[target].CAPABILITIES
        if lacking:
            item.add_marker(pytest.mark.skip(reason=f"{target} can't: {', '.join(sorted(lacking))}"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    config.stash[_EVIDENCE].write(Path(config.rootpath, f"build/hil/{config.getoption('--target')}-evidence.json"))


@pytest.fixture
def make_bench(request: pytest.FixtureRequest) -> Iterator[Callable[..., Bench]]:
    """Starts benches: `make_bench(seed=3, line_compliance_pl_pa=2000)`; they end with the test."""
    target = TARGETS[request.config.getoption("--target")]
    made: list[Bench] = []

    def make(seed: int = 1, **settings: int) -> Bench:
        made.append(target.start(seed, settings))
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
