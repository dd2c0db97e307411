"""The doctor's findings, and the records read from a flash that the pump itself can't read."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from pumpctl import defs, sim
from pumpctl.diagnostics import doctor, journal_image
from pumpctl.pump import Pump

REQUIREMENTS = ["L1", "L3"]


@pytest.fixture
def flash(delivered: Path, tmp_path: Path) -> Path:
    """The flash of `delivered`, for this test alone, with the log beside it."""
    for name in ("flash", "log.json"):
        shutil.copy(delivered / name, tmp_path)
    return tmp_path / "flash"


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a pump that delivered for an hour, had a power failure, and then got the time of day."""
    folder = tmp_path_factory.mktemp("delivered")
    path = folder / "flash"
    with sim.Simulation(seed=1, flash=path) as world, Pump.connect(world.transport()) as pump:
        pump.refill_begin()
        pump.refill_finish(16_000_000, "saline")
        pump.therapy_set("continuous", 7300, override="soft_rate")
        pump.param_set("link_timeout_s", 77)
        pump.start()
        world.run(3_600_000)
        world.do("power_cut")
        world.run(1000)
        pump.time_set(20_778, 43_200)
        log = [(row.sequence, row.event, row.a, row.b) for row in pump.log()]
        data = b"".join(pump.journal_read())
        strokes = pump.status().strokes
    assert path.read_bytes() == data
    (folder / "log.json").write_text(json.dumps([log, strokes]))
    return folder


def findings(path: Path) -> dict[str, doctor.Finding]:
    with sim.Simulation(seed=1, flash=path) as world, Pump.connect(world.transport()) as pump:
        world.run(5000)
        return {finding.name: finding for finding in doctor.findings(pump)}


def test_disturbed_exchanges_are_told_as_rates_and_need_an_action_when_they_recur() -> None:
    with sim.Simulation(seed=1) as world, Pump.connect(world.transport()) as pump:
        world.run(60_000)
        assert [row.disturbed for row in pump.exchanges()] == [0] * len(pump.exchanges())
        assert {"pressure", "level", "supply", "temperature", "drive", "step_counter", "store"} == {
            row.name for row in pump.exchanges()
        }
        assert doctor.Finding("exchanges", "none disturbed since power-on") in doctor.findings(pump)
        world.do("temperature_off")
        world.run(10_000)
        world.do("temperature_works")
        world.run(300_000)
        (row,) = [row for row in pump.exchanges() if row.disturbed]
        assert row.name == "temperature" and row.disturbed == 1 < row.exchanges
        (single,) = [finding for finding in doctor.findings(pump) if finding.name == "exchanges"]
        assert single.text.startswith(f"temperature: 1 of {row.exchanges} disturbed since power-on (") and single.good
        world.do("temperature_off")
        world.run(30_000)
        (recurs,) = [finding for finding in doctor.findings(pump) if finding.name == "exchanges"]
        assert not recurs.good and "cable" in recurs.action


def test_all_records_of_the_log_are_found_in_the_flash(flash: Path) -> None:
    log, strokes = json.loads((flash.parent / "log.json").read_text())
    found = journal_image.read(flash.read_bytes())
    assert [[row.sequence, row.event, row.a, row.b] for row in found.rows] == log
    assert len(found.strokes) == strokes and found.volume_nl == strokes * 250
    assert {boot for boot, _ in found.events.values()} == {1, 2}
    assert 77 in found.settings[-1] and 60 in found.settings[0]
    assert found.damaged == found.foreign == 0 and found.states


def test_a_pump_without_a_fault_has_good_findings_but_for_the_delivery_that_a_power_failure_ended(flash: Path) -> None:
    found = findings(flash)
    assert [name for name, finding in found.items() if not finding.good] == ["alarm"]
    assert found["alarm"].text.startswith("delivery_stopped")  # by the power failure
    assert found["journal"].text == "sound, 256 KiB"
    assert found["last reset"].text == "power_on, boot 3"
    assert found["self-test"].text == "passed"
    assert "unknown" in found["time of day"].text


@pytest.mark.parametrize("damage", ["zeros", "chance", "half"])
def test_an_unfit_journal_is_reported_and_its_records_are_recovered(flash: Path, damage: str) -> None:
    log, _ = json.loads((flash.parent / "log.json").read_text())
    data = bytearray(flash.read_bytes())
    begin = len(data) * 3 // 4 if damage == "half" else 0
    chance = random.Random(4)
    data[begin:] = bytes(len(data)) if damage == "zeros" else chance.randbytes(len(data) - begin)
    flash.write_bytes(data)
    found = findings(flash)
    assert "can't be read" in found["journal"].text and "rescue" in found["journal"].action
    assert found["alarm"].text.startswith("journal_unfit")
    assert flash.read_bytes() == data
    saved = journal_image.read(data)
    assert saved.damaged > 0
    assert [[row.sequence, row.event, row.a, row.b] for row in saved.rows] == (log if damage == "half" else [])


def test_a_flipped_bit_costs_one_record(flash: Path) -> None:
    intact = journal_image.read(flash.read_bytes())
    chance = random.Random(5)
    for _ in range(50):
        data = bytearray(flash.read_bytes())
        at = chance.choice([place for place, byte in enumerate(data) if byte != 0xFF])
        data[at] ^= 1 << chance.randrange(8)
        found = journal_image.read(data)
        missing = len(intact.events) + len(intact.strokes) - len(found.events) - len(found.strokes)
        assert missing in (0, 1)
        assert all(found.events[number] == row for number, row in intact.events.items() if number in found.events)


def test_the_verbs(run: Any, pty_device: Any, flash: Path, tmp_path: Path) -> None:
    journal = {
        "area": "unreadable", "unfit": "settings", "unfit_index": 13, "boot": 0, "reset": 302, "damaged": 0,
        "uncertain": 0, "counted": 0, "size_bytes": 262_144, "forced_erases": 0,
    }  # fmt: skip
    pty_device.answers.update(journal=journal, log={"rows": [[1, 0, 0, 15, 9, 1]], "next": None}, alarms={"rows": []})
    code, out, _ = run("doctor")
    assert code == 5
    assert "hour_limit_nl" in out and "watchdog" in out and "pressure" in out
    code, out, words = run("log", "rescue", "--from", str(flash), "--raw", str(tmp_path / "raw"), port=None)
    assert code == 0 and "power_on" in out and "uncertain" in words
    assert out.count("2026-11-21 12:00:00 UTC") == out.count("time_set") == 1  # records before it have no time of day
    assert (tmp_path / "raw").read_bytes() == flash.read_bytes()
    assert run("log", "rescue", "--from", str(tmp_path / "none"), port=None)[0] == 2


_SOUND = {
    "area": "sound", "unfit": "none", "unfit_index": None, "boot": 3, "reset": 301, "damaged": 0,
    "uncertain": 1, "counted": 0, "size_bytes": 262_144, "forced_erases": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("state", "bits", "words"),
    [
        ("standby", ("plan_missing", "contents_unknown"), ("held by plan_missing, contents_unknown", "`refill`")),
        ("standby", (), ("nothing is delivered", "Type `start`.")),
        ("paused", (), ("Paused by the user", "Type `resume`.")),
        ("stopped_alarm", ("stopped",), ("held by stopped", "type `start`")),
        ("infusing", (), ("Delivery by the plan",)),
    ],
)
def test_the_first_line_is_the_state_with_what_holds_delivery_and_the_next_command(
    run: Any, pty_device: Any, state: str, bits: tuple[str, ...], words: tuple[str, ...]
) -> None:
    number = next(number for number, entry in defs.STATES.items() if entry.name == state)
    mask = sum(mask for mask, bit in defs.BITS.items() if bit.name in ("tested", *bits))
    pty_device.answers["status"].update(state=number, bits=mask)
    pty_device.answers.update(journal=_SOUND, log={"rows": [], "next": None}, alarms={"rows": []})
    code, out, _ = run("doctor")
    first = out.splitlines()[0]
    assert code == 0  # nothing is wrong with such a pump
    assert first.startswith(f"state         {state}: ")
    assert [word for word in words if word not in first] == []
    assert ("held by" in first) == bool(bits)
    assert "1 stroke uncertain" in out


def test_a_pump_without_a_paired_host_is_told_with_what_to_do(run: Any, pty_device: Any) -> None:
    pty_device.answers["hello"]["keyed"] = True
    pty_device.answers.update(keys={"area": "blank", "starts": 0, "hosts": []})
    pty_device.answers.update(journal=_SOUND, log={"rows": [], "next": None}, alarms={"rows": []})
    code, out, _ = run("doctor")
    assert (code, "no host is paired, so the pump is read and stopped" in out) == (0, True), out
    assert "Type `pair` and press the pump's button." in out
    assert "paired hosts only" in run("info")[1]
    pty_device.answers["keys"]["hosts"] = [["bench", 2]]
    assert "no host is paired" not in run("doctor")[1]
