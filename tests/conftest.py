"""After a whole session, every test that a safety requirement names has run, or the session has failed."""

from __future__ import annotations

import pytest
import traceability


def pytest_configure(config: pytest.Config) -> None:
    # Registered by hand: the reports of items outside of this folder don't reach the hooks of a conftest.
    config.pluginmanager.register(NamedTests(traceability.rows()), "named_tests")


def is_whole(session: pytest.Session) -> bool:
    """Whether nothing was picked or left out by the command line, the simulator was a target, and the end was reached."""
    config = session.config
    picking = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise", "collectonly")
    return (
        config.args_source is config.ArgsSource.TESTPATHS
        and not any(config.getoption(name, None) for name in picking)
        and "unix" in config.getoption("target", "unix").split(",")
        and not (session.shouldfail or session.shouldstop)
    )


class NamedTests:
    """Notes which tests ran; a skip anywhere counts for nothing, a run on one interpreter or target for all."""

    def __init__(self, rows: list[traceability.Row]) -> None:
        self._rows = rows
        self._ran: set[str] = set()
        self._missing: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and not report.skipped:
            self._ran.add(report.nodeid.partition("[")[0])

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if is_whole(session) and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            self._missing = traceability.not_run(self._rows, self._ran)
            if self._missing:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._missing:
            terminalreporter.section("tests of safety requirements that did not run", red=True)
            for line in self._missing:
                terminalreporter.line(line, red=True)
