"""Bench tests by target: `pytest hil --target unix`, or several: `--target unix,emulated`.

A test states its needs with `@pytest.mark.needs("block_line")`; it is skipped on a target that lacks one, and it is an
error when no target has all of them. On a slow target only tests marked `quick` run, unless `--full` is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from bench import Bench, Evidence
from targets import TARGETS, pico

_EVIDENCE = pytest.StashKey[dict[str, Evidence]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    names = ", ".join(TARGETS)
    parser.addoption("--target", default="unix", help=f"where the bench tests run: {names}; pico:/dev/ttyACM0; a,b")
    parser.addoption("--full", action="store_true", help="on slow targets run all bench tests, not only the quick ones")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*words): what a bench test needs of its target")
    config.addinivalue_line("markers", "quick: a bench test that runs on slow targets without --full")
    chosen = places(config)
    config.stash[_EVIDENCE] = {name: Evidence(name, TARGETS[name].image_hash()) for name in chosen}


def places(config: pytest.Config) -> dict[str, str]:
    """The targets in the command line, each with its place (a port), which may be empty."""
    found = {}
    for word in config.getoption("--target").split(","):
        name, _, where = word.partition(":")
        if name not in TARGETS:
            raise pytest.UsageError(f"There is no target {name!r}; the targets are {', '.join(TARGETS)}.")
        found[name] = where
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "target_name" in metafunc.fixturenames:
        metafunc.parametrize("target_name", list(places(metafunc.config)))


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [item for item in items if not _is_wanted(config, item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        _skip_what_cannot_be(item)
        name = _target_of(item)
        if name and _is_slow(config, name):
            item.add_marker(pytest.mark.long(f"on the {name} target"))


def _target_of(item: pytest.Item) -> str | None:
    call = getattr(item, "callspec", None)
    return call.params.get("target_name") if call else None


def _is_wanted(config: pytest.Config, item: pytest.Item) -> bool:
    name = _target_of(item)
    if name is None or config.getoption("--full") or item.get_closest_marker("quick"):
        return True
    return not _is_slow(config, name)


def _is_slow(config: pytest.Config, name: str) -> bool:
    """Whether only quick tests run on the target; may depend on the place."""
    slow: bool = TARGETS[name].SLOW
    return pico.is_slow(places(config)[name]) if name == "pico" else slow


def _capabilities(config: pytest.Config, name: str) -> frozenset[str]:
    """The capabilities of the target; may depend on the place."""
    can: frozenset[str] = TARGETS[name].CAPABILITIES
    return can | pico.capabilities(places(config)[name]) if name == "pico" else can


def _skip_what_cannot_be(item: pytest.Item) -> None:
    name = _target_of(item)
    wanted = {word for mark in item.iter_markers("needs") for word in mark.args}
    if name is None or not wanted:
        return
    if not any(wanted <= module.CAPABILITIES for module in TARGETS.values()):
        raise pytest.UsageError(f"{item.nodeid} needs {', '.join(sorted(wanted))}; no target can do all of that")
    lacking = wanted - _capabilities(item.config, name)
    if lacking:
        item.add_marker(pytest.mark.skip(reason=f"{name} can't: {', '.join(sorted(lacking))}"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes the measurements; a worker process passes them to the main session instead."""
    records = session.config.stash[_EVIDENCE]
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["evidence"] = {name: record.rows for name, record in records.items()}
        return
    for name, record in records.items():
        record.write(Path(session.config.rootpath, f"build/hil/{name}-evidence.json"))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    for name, rows in getattr(node, "workeroutput", {}).get("evidence", {}).items():
        node.config.stash[_EVIDENCE][name].rows.extend(rows)


@pytest.fixture
def make_bench(request: pytest.FixtureRequest, target_name: str) -> Iterator[Callable[..., Bench]]:
    """Starts benches: `make_bench(seed=3, line_compliance_pl_pa=2000)`; they are closed after the test.

    `parts=["pressure=missing"]` needs a target with the capability "parts", `drive="valves"` one with "valves", and
    `flow=True` one with "flow".
    """
    where = places(request.config)[target_name]
    made: list[Bench] = []

    def make(
        seed: int = 1, parts: Sequence[str] = (), drive: str = "stepper", flow: bool = False, **settings: int
    ) -> Bench:
        chosen: dict[str, Any] = {"parts": parts} if parts else {}
        if drive != "stepper":
            chosen["drive"] = drive
        if flow:
            chosen["flow"] = flow
        made.append(TARGETS[target_name].start(where, seed, settings, **chosen))
        return made[-1]

    yield make
    for bench in made:
        bench.close()


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    """A pump that was just switched on, in a world with default settings."""
    return make_bench()


@pytest.fixture
def evidence(request: pytest.FixtureRequest, target_name: str) -> Any:
    """The record of measurements: `evidence.record(name, value, low, high, unit)`."""
    found = request.config.stash[_EVIDENCE][target_name]
    found.test = request.node.nodeid
    return found
