"""The pump's reader of requests against a strict reference, on random texts."""

from __future__ import annotations

import random

import pytest
from pump.link import json_reader

from campaign.link import json_texts

REQUIREMENTS = ("C8",)


def test_twenty_thousand_texts_are_read_alike() -> None:
    assert json_texts.compare(20_000, seed=1) == []


def test_the_texts_hold_both_kinds_in_numbers() -> None:
    texts = [text for _, text in zip(range(2_000), json_texts.texts(random.Random(1)), strict=False)]
    sound = sum(json_texts.by_reference(text) is not None for text in texts)
    assert 400 < sound < 1_600


def test_a_reader_that_takes_leading_zeros_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lenient(json_reader._Reader):
        def _digits(self) -> int:
            return min(super()._digits(), 1)

    monkeypatch.setattr(json_reader, "_Reader", Lenient)
    assert json_texts.compare(20_000, seed=1)
