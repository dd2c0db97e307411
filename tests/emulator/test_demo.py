"""The demo image on a bare Pico: nothing is attached, and a therapy runs."""

from __future__ import annotations

import pytest
from emulated_run import DEMO, EMULATOR
from pumpctl import sim
from pumpctl.pump import Pump

pytestmark = [*EMULATOR, pytest.mark.skipif(not DEMO.is_file(), reason="there is no image; `make firmware` builds it")]

_BARE = ("driver=missing", "pressure=missing", "level=missing", "enable_pull_up=missing")
_SETTLED_MS = 6_000
_HOUR_MS = 3_600_000
_FILL_NL = 16_000_000
_RATE_UL_DAY = 1000


def test_a_bare_pico_delivers_a_therapy_with_pressure_level_and_no_alarm() -> None:
    options = [word for part in _BARE for word in ("--part", part)]
    with sim.Simulation(seed=1, emulated=True, image=DEMO, options=options) as simulation:
        simulation.run(_SETTLED_MS)
        with Pump.connect(simulation.transport()) as pump:
            assert pump.hello.board == "rpi_pico_demo"
            assert (pump.status().state_name, pump.alarms()) == ("standby", [])
            pump.refill_begin()
            pump.refill_finish(_FILL_NL, "saline")
            pump.therapy_set("continuous", _RATE_UL_DAY)
            pump.start()
            simulation.run(_HOUR_MS)
            status = pump.status()
            assert (status.state_name, pump.alarms()) == ("infusing", [])
            due_nl = _RATE_UL_DAY * 1000 // 24
            assert due_nl - 500 <= status.delivered_nl <= due_nl
            assert status.pressure_pa is not None and 5_000 < status.pressure_pa < 25_000
            assert status.level_nl is not None and abs(status.level_nl - status.ledger_nl) < 300_000
