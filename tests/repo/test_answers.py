"""The pump's answers against the tables: each has the fields of its command, telemetry those of status."""

from collections.abc import Callable
from typing import Any

import pump_rig
import tables
from plant.parts import flash

COMMANDS: list[dict[str, Any]] = tables.load()["command"]
# These need a host with a key; tests/pages/test_reference.py checks their answers.
KEYED = {"session_open", "pair_begin", "pair_finish", "key_revoke", "keys_erase"}


def _drafted(pump: Any) -> dict[str, int]:
    answer = pump.do("rate", ul_day=2000)
    return {"draft": answer["draft"], "code": answer["code"]}


def _withdrawn(pump: Any) -> dict[str, Any]:
    pump.do("refill_withdrawn", volume_nl=pump.do("refill_begin")["ledger_nl"])
    return {"volume_nl": 9000000, "fluid": "saline"}


def _stopped(pump: Any) -> dict[str, Any]:
    pump.do("stop")
    return {}


# Commands to send first where an infusing pump would refuse, and the fields.
_WAYS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "start": _stopped,
    "resume": lambda pump: pump.do("pause") and {},
    "rate": lambda _: {"ul_day": 2000},
    "therapy_set": lambda pump: _stopped(pump) | pump_rig.plan(),
    "param_set": lambda _: {"name": "silence_s", "value": 60},
    "telemetry": lambda _: {"period_s": 0},
    "journal_read": lambda _: {"at": 0},
    "journal_clear": _stopped,
    "time_set": lambda _: {"day": 20778, "second": 0},
    "refill_withdrawn": lambda pump: {"volume_nl": pump.do("refill_begin")["ledger_nl"]},
    "refill_finish": _withdrawn,
    "refill_cancel": lambda pump: pump.do("refill_begin") and {},
    "confirm": _drafted,
    "draft_drop": lambda pump: _drafted(pump) and {},
    "bolus": lambda _: {"volume_nl": 5000},
    "bolus_cancel": lambda pump: pump.change("bolus", volume_nl=5000) and {},
    "prime": lambda pump: _stopped(pump) | {"volume_nl": 10000, "purpose": "bridge"},
}


def test_every_answer_has_the_fields_of_its_table() -> None:
    for command in COMMANDS:
        if command["name"] in KEYED:
            continue
        pump = pump_rig.infuse(pump_rig.Pump(store=flash.Flash()))
        fields = _WAYS.get(command["name"], lambda _: {})(pump)
        answer = pump.do(command["name"], **fields)
        assert list(answer)[2:] == [part["name"] for part in command.get("answer", [])], command["name"]


def test_telemetry_has_the_fields_of_status() -> None:
    (status,) = [command for command in COMMANDS if command["name"] == "status"]
    pump = pump_rig.Pump()
    pump.run(0)
    pump.do("telemetry", period_s=1)
    pump.run(1000)
    (said,) = [frame["telemetry"] for frame in pump.heard() if "telemetry" in frame]
    assert list(said) == [part["name"] for part in status["answer"]]
