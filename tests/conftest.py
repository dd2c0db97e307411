"""A complete session fails unless every test that a safety requirement names has run."""

from __future__ import annotations

import pytest
import traceability

# The options that select tests, by pytest's names.
PICKING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise", "collectonly")
TARGETS = {"unix", "emulated"}  # each has tests that the other skips; `make test` names both


def pytest_configure(config: pytest.Config) -> None:
    # Registered explicitly, because the hooks of a conftest don't get the reports of items outside its folder.
    config.pluginmanager.register(NamedTests(traceability.table()), "named_tests")


def is_whole(session: pytest.Session) -> bool:
    """Whether all tests were selected, with every target without hardware, and the session reached its end."""
    config = session.config
    return (
        config.args_source is config.ArgsSource.TESTPATHS
        and not any(config.getoption(name, None) for name in PICKING)
        and set(config.getoption("target", "").split(",")) >= TARGETS
        and not (session.shouldfail or session.shouldstop)
    )


class NamedTests:
    """Records which tests ran. A skipped test did not run; a run on one interpreter or target counts for all."""

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
