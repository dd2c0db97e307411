"""Answers of the examples, spoilt at random, end in no other error than those of the host (`make fuzz` for long)."""

from __future__ import annotations

import random

import pytest
from pumpctl.protocol import wire

from campaign.link import fuzz_host


def _spoilt(seed: bytes, chance: random.Random) -> bytes:
    data = bytearray(seed)
    for _ in range(chance.randrange(4)):
        at = chance.randrange(1, len(data) + 1)
        end = min(len(data), at + chance.randrange(4))
        data[at:end] = chance.choice(
            (b"", b"null", b"[]", b"-1", b'"x"', b"{}", b"true", b"9" * 20, bytes(data[at:end]) * 2)
        )
    return bytes(data)


def test_whatever_a_pump_answers_ends_in_an_error_of_the_host_at_most() -> None:
    chance = random.Random(1)
    seeds = fuzz_host.seeds()
    for _ in range(1_000):
        fuzz_host.one(_spoilt(chance.choice(seeds), chance))


def test_a_reader_that_lets_another_error_pass_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(line: bytes) -> wire.Message:
        raise ValueError(line)

    monkeypatch.setattr(wire, "decode", decode)
    with pytest.raises(ValueError, match="x"):
        fuzz_host.one(b"xx")
