"""The pytest plugin of the bench, an entry point of this package: `pytest --target unix`, or several: `unix,emulated`.

A test takes the fixture `bench`, and states its needs with `@pytest.mark.needs("block_line")`; it is skipped on a
target that lacks one, and it is an error when no target has all of them. On a slow target only tests marked `quick`
run, unless `--full` is given.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pumpctl import errors
from pumpctl.testing.evidence import Evidence, Measurement

if TYPE_CHECKING:
    from types import ModuleType

    from pumpctl.testing.bench import Bench

_EVIDENCE = pytest.StashKey[dict[str, Evidence]]()
_BEGAN = pytest.StashKey[datetime]()
_WRITTEN = pytest.StashKey[list[Path]]()
_DEFAULT = "unix"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("pump", "bench tests of the pump")
    group.addoption("--target", default=_DEFAULT, help="unix, emulated, pico:PORT[@RIG]; or several: unix,emulated")
    group.addoption("--full", action="store_true", help="on slow targets run all bench tests, not only the quick ones")
    group.addoption("--checkout", metavar="DIR", help="the project's checkout, for the targets unix and emulated")
    group.addoption("--evidence", metavar="DIR", help="keep the measurements and a JUnit file there, in new files")
    parser.addini("pump_checkout", "like --checkout; the variable PUMP_CHECKOUT comes before it", "paths", [])
    parser.addini("pump_evidence", "where measurements are kept without --evidence", "paths", [])


@pytest.hookimpl(tryfirst=True)  # before the plugin that writes the JUnit file
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*words): what a bench test needs of its target")
    config.addinivalue_line("markers", "quick: a bench test that runs on slow targets without --full")
    for option in ("--checkout", "--evidence"):
        if option in config.invocation_params.args:
            # pytest looks for its root before it knows the options of plugins.
            raise pytest.UsageError(f"Write {option}=DIR, in one word: pytest takes a second word for tests.")
    config.stash[_EVIDENCE] = {}
    config.stash[_BEGAN] = datetime.now(UTC)
    config.stash[_WRITTEN] = []
    if config.getoption("--target") != _DEFAULT:
        places(config)  # refuses an unknown name at once; without the option, a session without a bench loads no target
    if config.getoption("--evidence") and not config.getoption("xmlpath", None):
        config.option.xmlpath = str(_folder(config) / f"{config.stash[_BEGAN]:%Y%m%dT%H%M%SZ}-junit.xml")


def _targets() -> dict[str, ModuleType]:
    """The targets by name; imported when a bench test is collected."""
    from pumpctl.testing.targets import TARGETS

    return TARGETS


def places(config: pytest.Config) -> dict[str, str]:
    """The targets in the command line, each with its place (a port), which may be empty."""
    found = {}
    for word in config.getoption("--target").split(","):
        name, _, where = word.partition(":")
        if name not in _targets():
            raise pytest.UsageError(f"There is no target {name!r}; the targets are {', '.join(_targets())}.")
        found[name] = where
    return found


def is_slow(config: pytest.Config, item: pytest.Item) -> bool:
    """Whether the test runs on a target where only quick tests run; this may depend on the place."""
    name = _target_of(item)
    return name is not None and bool(_targets()[name].is_slow(places(config)[name]))


def _checkout(config: pytest.Config) -> Path | None:
    """The named checkout, None when none is named here: then the variable names it, or it is looked for."""
    given = config.getoption("--checkout")
    if given or os.environ.get("PUMP_CHECKOUT"):
        return Path(given) if given else None
    return next(iter(config.getini("pump_checkout")), None)


def _folder(config: pytest.Config) -> Path:
    """Where the measurements are kept."""
    given = config.getoption("--evidence")
    if given:
        return Path(config.invocation_params.dir, given)
    return next(iter(config.getini("pump_evidence")), Path(config.rootpath, "evidence"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "target_name" in metafunc.fixturenames:
        metafunc.parametrize("target_name", list(places(metafunc.config)))


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for name in dict.fromkeys(filter(None, map(_target_of, items))):
        try:
            _targets()[name].check(places(config)[name], _checkout(config))
        except errors.SimulatorMissing as error:
            raise pytest.UsageError(f"{error} With pytest, --checkout names it too.") from None
        except errors.PumpError as error:
            raise pytest.UsageError(str(error)) from None
    left_out = [item for item in items if not _is_wanted(config, item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        _skip_what_cannot_be(item)


def _target_of(item: pytest.Item) -> str | None:
    call = getattr(item, "callspec", None)
    return call.params.get("target_name") if call else None


def _is_wanted(config: pytest.Config, item: pytest.Item) -> bool:
    if config.getoption("--full") or item.get_closest_marker("quick"):
        return True
    return not is_slow(config, item)


def _skip_what_cannot_be(item: pytest.Item) -> None:
    name = _target_of(item)
    wanted = {word for mark in item.iter_markers("needs") for word in mark.args}
    if name is None or not wanted:
        return
    if not any(wanted <= module.CAPABILITIES for module in _targets().values()):
        raise pytest.UsageError(f"{item.nodeid} needs {', '.join(sorted(wanted))}; no target can do all of that")
    lacking = wanted - _targets()[name].capabilities(places(item.config)[name])
    if lacking:
        item.add_marker(pytest.mark.skip(reason=f"{name} can't: {', '.join(sorted(lacking))}"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes the measurements; a worker process passes them to the main session instead."""
    config = session.config
    records = config.stash[_EVIDENCE]
    if hasattr(config, "workeroutput"):
        config.workeroutput["evidence"] = [asdict(record) for record in records.values()]
        return
    for record in records.values():
        path = record.write(_folder(config), config.stash[_BEGAN])
        if path:
            config.stash[_WRITTEN].append(path)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for path in config.stash[_WRITTEN]:
        terminalreporter.write_line(f"The measurements are in {path}.")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    for found in getattr(node, "workeroutput", {}).get("evidence", []):
        record = _record_of(node.config, found["target"])
        record.image = found["image"] or record.image
        record.rows.extend(Measurement(**row) for row in found["rows"])


def _record_of(config: pytest.Config, target_name: str) -> Evidence:
    return config.stash[_EVIDENCE].setdefault(target_name, Evidence(target_name))


@pytest.fixture(scope="session")
def kept_emulators() -> Iterator[None]:
    """Emulated Picos of a session have one process, one after the other, so that each but the first starts quickly."""
    from pumpctl.sim import kept

    with kept.emulators():
        yield


@pytest.fixture
def make_bench(
    request: pytest.FixtureRequest, target_name: str, kept_emulators: None
) -> Iterator[Callable[..., Bench]]:
    """Starts benches: `make_bench(seed=3, line_compliance_pl_pa=2000)`; they are closed after the test.

    `parts=["pressure=missing"]` needs a target with the capability "parts", `drive="valves"` one with "valves", and
    `flow=True` one with "flow".
    """
    where, checkout = places(request.config)[target_name], _checkout(request.config)
    module = _targets()[target_name]
    made: list[Bench] = []

    def make(
        seed: int = 1, parts: Sequence[str] = (), drive: str = "stepper", flow: bool = False, **settings: int
    ) -> Bench:
        chosen: dict[str, Any] = {"parts": parts} if parts else {}
        if drive != "stepper":
            chosen["drive"] = drive
        if flow:
            chosen["flow"] = flow
        try:
            made.append(module.start(where, seed, settings, checkout, **chosen))
        except errors.PumpError as error:
            if error.exit_code == errors.ExitCode.NOT_AUTHORISED:
                pytest.exit(str(error), errors.ExitCode.NOT_AUTHORISED)  # no other test could do more
            raise
        _record_of(request.config, target_name).image = module.image(made[-1], checkout)
        return made[-1]

    yield make
    for bench in made:
        bench.close()


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    """A pump that was just switched on, in a world with default settings."""
    return make_bench()


@pytest.fixture
def evidence(request: pytest.FixtureRequest, target_name: str) -> Evidence:
    """The record of measurements: `evidence.record(name, value, low, high, unit)`."""
    found = _record_of(request.config, target_name)
    found.test = request.node.nodeid
    return found
