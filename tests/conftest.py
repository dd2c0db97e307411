"""After a whole session, every test that a safety requirement names has run, or the session has failed."""

from __future__ import annotations

import pytest
import traceability

# What picks tests, by the names that pytest gives its options.
PICKING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise", "collectonly")
TARGETS = {"unix", "emulated"}  # each can do what the other can't; `make test` names both


def pytest_configure(config: pytest.Config) -> None:
    # Registered by hand: the reports of items outside of this folder don't reach the hooks of a conftest.
    config.pluginmanager.register(NamedTests(traceability.table()), "named_tests")


def is_whole(session: pytest.Session) -> bool:
    """Whether the command line picked nothing, every target without hardware was there, and the end was reached."""
    config = session.config
    return (
        config.args_source is config.ArgsSource.TESTPATHS
        and not any(config.getoption(name, None) for name in PICKING)
        and set(config.getoption("target", "").split(",")) >= TARGETS
        and not (session.shouldfail or session.shouldstop)
    )


class NamedTests:
    """Notes which tests ran. A skip is no run; a run on one interpreter or target counts for the others."""

    def __init__(self, table: traceability.Table) -> None:
        self._table = table
        self._ran: set[str] = set()
        self._missing: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and not report.skipped:
            self._ran.add(report.nodeid.partition("[")[0])

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if is_whole(session) and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            self._missing = traceability.not_run(self._table, self._ran)
            if self._missing:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._missing:
            terminalreporter.section("tests of safety requirements that did not run", red=True)
            for line in self._missing:
                terminalreporter.line(line, red=True)
