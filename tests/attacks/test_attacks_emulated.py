"""The quick part of the attacks against the release image in the emulated Pico."""

from __future__ import annotations

from pathlib import Path

import pytest
from emulated_run import pressing
from pumpctl import errors, sim
from pumpctl.pump import Pump

from attacks import lines
from attacks.victim import Victim

REQUIREMENTS = ("C5", "C6", "C8")
pytestmark = pytest.mark.long("some minutes in the emulated Pico")


def refuses_all_that_changes(pump: Pump) -> None:
    """Each command above the role view is refused, and so is a session; reading and stop are not."""
    before = pump.status(), pump.params()
    for name in lines.ABOVE_VIEW:
        with pytest.raises(errors.NotPermitted) as caught:
            pump._exchange.request(name, lines.FIELDS.get(name, {}))
        assert caught.value.name == "key_needed", name
    with pytest.raises(errors.NotPermitted, match="pumpctl pair"):
        pump._exchange.request("session_open", {"name": "bench", "role": "view", "nonce": "00" * 16})
    with pytest.raises(errors.KeyMissing, match="type `pumpctl pair` and press the pump's button") as missing:
        pump.start()
    assert missing.value.exit_code == errors.ExitCode.NOT_AUTHORISED
    pump.stop()
    after = pump.status(), pump.params()
    assert (before[0].state_name, before[0].strokes, before[1]) == (after[0].state_name, after[0].strokes, after[1])
    assert (pump.hello.keyed, pump.keys().hosts) == (True, [])


def test_an_image_that_was_never_paired_is_read_and_stopped_and_a_pairing_opens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # the keys of this user's own pumps are elsewhere
    with sim.Simulation(seed=1, emulated=True, paired=False) as simulation:
        simulation.run(1000)
        with Pump.connect(simulation.transport()) as pump:
            refuses_all_that_changes(pump)
            pump.pair("bench", "service", pressing(simulation))
            pump.refill_begin()
            pump.refill_finish(16_000_000, "saline")
            pump.therapy_set("continuous", 1000)
            pump.start()
            assert pump.status().state_name == "infusing"
            pump.stop()
            pump.keys_erase(lambda: simulation.do("button_down"))
            simulation.do("button_up")
            refuses_all_that_changes(pump)


def test_hostile_lines_change_nothing_on_the_image() -> None:
    with sim.Simulation(seed=1, emulated=True, paired=False) as simulation:
        simulation.run(5000)
        victim = Victim(simulation, pressing(simulation), answer_ms=200)
        simulation.do("refill", 20_000_000)
        victim.infuse()
        for kind in (lines.without_code, lines.wrong_codes, lines.bad_ids):
            victim.attack(kind(victim), together=5)
        assert victim.accepted == []
        assert victim.late == 0
        assert victim.cases > 150
