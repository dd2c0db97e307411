"""Spoilt lines of a paired host change nothing, delay no stroke, and cause no error."""

from __future__ import annotations

import pytest
from pump.link import access

from campaign.link import hostile_lines

REQUIREMENTS = ("C5", "C8")


def test_no_spoilt_line_is_carried_out() -> None:
    found = hostile_lines.run(2_000, seed=1)
    assert found["lines"] == 2_000
    assert found["strokes"] > 50
    assert {name: found[name] for name in ("accepted", "late", "failed", "errors")} == dict.fromkeys(
        ("accepted", "late", "failed", "errors"), 0
    )


def test_a_pump_that_checks_no_code_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def verify(self: access.Access, *_line: bytes) -> None:
        self._session, self._opening = self._opening or self._session, None
        self._by = self._session

    monkeypatch.setattr(access.Access, "verify", verify)
    assert hostile_lines.run(400, seed=1)["accepted"] > 0
