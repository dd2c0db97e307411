"""A session of all tests, or of the long ones after `make test`, fails unless all tests that requirements name ran.

A failure is told when it happens, with how long the test took: a run that is ended from outside has no summary.
"""

from __future__ import annotations

import json

import pytest
import traceability

# The options that select tests, by pytest's names. `make test` and `make test-all` select by the marker `long`.
PICKING = ("keyword", "deselect", "ignore", "ignore_glob", "lf", "stepwise", "collectonly")
SELECTIONS = {"": "all", "not long": "quick", "long": "long"}
# Each target has tests that the other skips; the quick tests need no image.
TARGETS = {"all": {"unix", "emulated"}, "quick": {"unix"}, "long": {"unix", "emulated"}}
RAN = "build/pytest/quick_tests.json"  # what the last whole `make test` ran, for the check of `make test-all`


def pytest_configure(config: pytest.Config) -> None:
    # Registered explicitly, because the hooks of a conftest don't get the reports of items outside its folder.
    config.pluginmanager.register(NamedTests(traceability.table()), "named_tests")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(FailuresAtOnce(config), "failures_at_once")


def selection(session: pytest.Session) -> str | None:
    """Return "all", "quick" or "long" for a session that ran all tests of that name to the end, else None."""
    config = session.config
    name = SELECTIONS.get(config.getoption("markexpr", ""))
    whole = (
        config.args_source is config.ArgsSource.TESTPATHS
        and not any(config.getoption(option, None) for option in PICKING)
        and not (session.shouldfail or session.shouldstop)
        and not hasattr(config, "workerinput")
    )
    return name if name and whole and set(config.getoption("target", "").split(",")) >= TARGETS[name] else None


class FailuresAtOnce:
    """Writes a line for each failed test as soon as its report comes in."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(trylast=True)  # after the progress mark
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and terminal is not None:
            crash = getattr(report.longrepr, "reprcrash", None)
            reason = (crash.message if crash else report.longreprtext).partition("\n")[0]
            terminal.write("\n")
            terminal.write_line(f"{report.when} failed after {report.duration:.0f} s: {report.nodeid}: {reason}"[:300])


class NamedTests:
    """Records which tests ran. A skipped test did not run; a run on one interpreter or target counts for all."""

    def __init__(self, table: traceability.Table) -> None:
        self._table = table
        self._ran: set[str] = set()
        self._missing: list[str] = []
        self._left = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and not report.skipped:
            self._ran.add(report.nodeid.partition("[")[0])

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        name = selection(session)
        if name is None or exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return
        file = session.config.rootpath / RAN
        if name == "quick":
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(sorted(self._ran)))
            self._left = traceability.left_open(self._table, self._ran)
            return
        before = set(json.loads(file.read_text())) if name == "long" and file.exists() else set()
        self._missing = traceability.not_run(self._table, self._ran | before)
        if self._missing:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._left:
            terminalreporter.line(self._left)
        if self._missing:
            terminalreporter.section("tests of safety requirements that did not run", red=True)
            for line in self._missing:
                terminalreporter.line(line, red=True)
