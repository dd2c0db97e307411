"""The verbs that only listen tell of every reset and lose no record."""

from __future__ import annotations

import pytest
from pumpctl import listening
from pumpctl.protocol import answers

from campaign.link import resets


def test_over_ten_resets_each_listening_verb_tells_of_all_and_loses_no_record() -> None:
    found = resets.run(10, seed=3)
    assert sum(found[kind] for kind in resets.KINDS) == 30
    assert all(found[kind] for kind in resets.KINDS)
    assert found["records"] > 30
    assert (found["silent"], found["invented"], found["lost"], found["wrong"]) == (0, 0, 0, 0)


def test_a_listener_that_compares_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers.Status, "shows_reset_since", lambda *_: False)
    assert resets.run(3, seed=3)["silent"] == 9


def test_a_follower_that_reads_no_missed_records_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening.LogFollower, "_fetch", lambda self: iter(()))
    assert resets.run(3, seed=3)["lost"]
