"""Frames: golden lines for this codec and the firmware's, and lines that must be rejected."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from pumpctl import defs, errors
from pumpctl.protocol import wire

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "wire.json").read_text(encoding="utf-8"))


def named(kind: str) -> list[Any]:
    return [pytest.param(vector, id=vector["name"]) for vector in VECTORS[kind]]


def value_of(value: Any) -> Any:
    return fields_of(value["pairs"]) if isinstance(value, dict) else value


def fields_of(pairs: list[Any]) -> dict[str, Any]:
    return {name: value_of(value) for name, value in pairs}


@pytest.mark.parametrize("vector", named("good"))
def test_encodes_the_golden_line(vector: Any) -> None:
    assert wire.encode(fields_of(vector["pairs"]), vector["code"]) == vector["line"].encode("ascii")


@pytest.mark.parametrize("vector", named("good"))
@pytest.mark.parametrize("end", ["", "\n", "\r\n"], ids=["bare", "lf", "crlf"])
def test_accepts_the_golden_line(vector: Any, end: str) -> None:
    message = wire.decode((vector["line"].removesuffix("\n") + end).encode("ascii"))
    assert message.fields == fields_of(vector["pairs"])
    assert list(message.fields) == [name for name, _ in vector["pairs"]]
    assert message.code == vector["code"]


@pytest.mark.parametrize("vector", named("bad"))
def test_rejects_with_the_reason(vector: Any) -> None:
    with pytest.raises(errors.WireError) as caught:
        wire.decode(vector["line"].encode("latin-1"))
    assert caught.value.reason == vector["reason"]
    assert vector["reason"] in {refusal.name for refusal in defs.REFUSALS.values()}


def test_no_changed_byte_passes() -> None:
    line = wire.encode({"id": 7, "cmd": "rate", "ul_day": 1000}).removesuffix(b"\n")
    for place in range(len(line)):
        for change in (0x01, 0x04, 0x10, 0x80):
            damaged = bytearray(line)
            damaged[place] ^= change
            with pytest.raises(errors.WireError):
                wire.decode(bytes(damaged))


def test_no_shortened_line_passes() -> None:
    line = wire.encode({"id": 7, "cmd": "rate", "ul_day": 1000}).removesuffix(b"\n")
    for length in range(len(line)):
        with pytest.raises(errors.WireError):
            wire.decode(line[:length])


@pytest.mark.parametrize("value", [1.5, b"bytes", [1, 2.0], {"a": 1.5}, {1: 2}, {1, 2}])
def test_rejects_values_that_a_frame_can_not_carry(value: Any) -> None:
    with pytest.raises(errors.WireError) as caught:
        wire.encode({"id": 1, "value": value})
    assert caught.value.reason == "bad_line"


@pytest.mark.parametrize("text", ["1.5", "NaN", "1e3", "Infinity"])
def test_accepts_no_fractions(text: str) -> None:
    golden = wire.encode({"id": 1}).decode()
    assert golden.startswith('{"id":1}')
    body = f'{{"id":{text}}}'.encode()
    with pytest.raises(errors.WireError, match="bad_line"):
        wire.decode(body + b"*%08X" % zlib.crc32(body))


@pytest.mark.parametrize("code", ["", "ab", "G" * 32, "A" * 32, "0" * 33, "é" * 32])
def test_rejects_an_invalid_code(code: str) -> None:
    with pytest.raises(errors.WireError):
        wire.encode({"id": 1, "cmd": "start"}, code)


def test_rejects_a_line_that_is_too_long() -> None:
    with pytest.raises(errors.WireError) as caught:
        wire.encode({"id": 1, "name": "x" * 512})
    assert caught.value.reason == "too_long"
