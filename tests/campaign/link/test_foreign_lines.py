"""What the host library says over a link that damages, loses and adds lines is true."""

from __future__ import annotations

import pytest
from pump.commands import answered

from campaign.link import foreign_lines

REQUIREMENTS = ("C8",)


def test_a_thousand_exchanges_end_in_no_wrong_statement_and_nothing_is_done_twice() -> None:
    found = foreign_lines.run(1_000, seed=1)
    assert found["done"] > 800
    assert found["not known"] > 10
    assert (found["wrong"], found["doubled"]) == (0, 0)


def test_over_a_sound_link_everything_is_done() -> None:
    assert foreign_lines.run(100, seed=2, harm=0) == {"done": 100}


def test_a_pump_that_forgets_what_it_answered_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answered.Answered, "find", lambda *_: None)
    assert foreign_lines.run(1_000, seed=1)["doubled"]
