"""The host reads a flash image without the pump; these images were written by earlier firmware."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from pumpctl.diagnostics import journal_image

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "flash_before_move.json").read_text(encoding="utf-8"))


@pytest.fixture(params=["infusing", "stopped"])
def vector(request: pytest.FixtureRequest) -> dict[str, Any]:
    return VECTORS[request.param]


def test_all_records_of_an_image_are_read(vector: dict[str, Any]) -> None:
    expected = vector["host"]
    found = journal_image.read(zlib.decompress(base64.b64decode(vector["image"])))
    rows = [[row.sequence, row.uptime_s, row.ms, row.event, row.a, row.b] for row in found.rows]
    assert rows == vector["reset"]["log"][: expected["events"]]
    assert {boot for boot, _ in found.events.values()} == set(expected["boots"])
    last = found.strokes[-1]
    assert [last.volume_pl, last.uptime_s, last.boot] == expected["last"]
    assert sum(not stroke.done for stroke in found.strokes) == expected["open"]
    assert (len(found.strokes), found.volume_nl) == (expected["strokes"], expected["volume_nl"])
    assert (len(found.states), list(found.states[-1])) == (expected["states"], expected["state"])
    assert (len(found.settings), list(found.settings[-1])) == (expected["settings"], expected["setting"])
    assert (found.damaged, found.blank, found.foreign) == (expected["damaged"], expected["blank"], expected["foreign"])


def test_the_settings_of_an_image_are_those_that_the_pump_answers(vector: dict[str, Any]) -> None:
    found = journal_image.read(zlib.decompress(base64.b64decode(vector["image"])))
    assert list(found.settings[-1]) == [value for _, value in vector["reset"]["params"]]
