"""The procedures on a simulated stand: occlusion, boluses, free flow; and a real stand, whose operator is asked."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from pumpctl import errors
from pumpctl.bench import procedures, stand
from pumpctl.measurement import fluid
from pumpctl.protocol.changes import always_agree

WEIGHED_G_ML = fluid.weighed_g_ml(fluid.water_g_ml(20))
RATE_UL_DAY = 1000


@pytest.fixture
def simulated() -> Iterator[stand.SimulatedStand]:
    made = stand.SimulatedStand("sim:drive_error_ppm=0,drive_drift_ppm_day=0,drive_random_ppm=0")
    made.prepare(RATE_UL_DAY, always_agree)
    made.pump.start()
    yield made
    made.close()


def test_an_hour_at_a_rate_is_weighed_to_a_stroke_and_the_noise(simulated: stand.SimulatedStand) -> None:
    simulated.balance.tare()
    simulated.wait_ms(3_600_000)
    volume_ul = simulated.balance.read().mass_ug / 1000 / WEIGHED_G_ML
    assert volume_ul == pytest.approx(RATE_UL_DAY / 24, abs=0.25 + 0.1)


def test_a_prime_gives_its_volume_and_one_that_an_alarm_ends_is_told(simulated: stand.SimulatedStand) -> None:
    simulated.pump.stop()
    before_nl = simulated.truth()["pumped_nl"]
    simulated.prime(20_000, always_agree)
    assert simulated.truth()["pumped_nl"] - before_nl == pytest.approx(20_000, abs=10)
    simulated.block(True)
    with pytest.raises(errors.NoReaction, match="the pump is stopped_alarm"):
        simulated.prime(50_000, always_agree)


def test_an_occlusion_gives_the_time_to_the_alarm_and_the_volume_released(simulated: stand.SimulatedStand) -> None:
    found = procedures.occlusion(simulated, WEIGHED_G_ML, 600_000, lambda text: None)
    assert found.table[0][0] == "occlusion"
    assert 20 < (found.figures["occlusion_alarm_s"] or 0) < 600
    assert abs(found.figures["occlusion_released_ul"] or 9) < 2


def test_a_bolus_is_weighed_without_the_basal_delivery(simulated: stand.SimulatedStand) -> None:
    found = procedures.boluses(simulated, WEIGHED_G_ML, 20_000, 1, lambda text: None)
    assert found.figures["bolus_percent"] == pytest.approx(0, abs=100 * 0.5 / 20)  # two strokes of the basal delivery
    assert found.table[0][1] == "20.00"


def test_nothing_passes_a_stopped_pump_at_either_height_and_an_open_head_is_found(
    simulated: stand.SimulatedStand,
) -> None:
    simulated.pump.stop()
    found = procedures.free_flow(simulated, WEIGHED_G_ML, 50, 600_000, lambda text: None)
    assert [row[0] for row in found.table] == ["-50", "+50"]
    assert abs(found.figures["free_flow_ul"] or 9) < 0.1
    simulated._simulation.do("free_flow", 1)
    found = procedures.free_flow(simulated, WEIGHED_G_ML, 50, 600_000, lambda text: None)
    assert (found.figures["free_flow_ul"] or 0) > 10


def test_a_real_stand_asks_its_operator_and_notices_a_clock_that_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    plans: list[tuple[Any, ...]] = []
    now = SimpleNamespace(monotonic_s=100.0, wall_s=1000.0, slept=[])
    monkeypatch.setattr(stand.time, "monotonic", lambda: now.monotonic_s)
    monkeypatch.setattr(stand.time, "time", lambda: now.wall_s)
    monkeypatch.setattr(stand.time, "time_ns", lambda: round(now.wall_s * 1e9))
    monkeypatch.setattr(stand.time, "sleep", now.slept.append)
    pump: Any = SimpleNamespace(therapy_set=lambda *words, **named: plans.append(words))
    real = stand.RealStand(pump, SimpleNamespace(), asked.append)  # type: ignore[arg-type]
    real.prepare(1000, always_agree)
    real.block(True)
    real.raise_end(-50)
    real.raise_end(0)
    assert plans == [("continuous", 1000)]
    assert [text.split()[0] for text in asked] == ["Fill", "Close", "Bring", "Bring"]
    assert "50 cm below" in asked[2]
    now.monotonic_s, now.wall_s = 105.0, 1005.0
    assert (real.now_ms(), real.clock_jump_ms()) == (5000, 0)
    now.wall_s = 4605.0
    assert (real.clock_jump_ms(), real.clock_jump_ms(), real.away_ms(4_600_000)) == (3_600_000, 0, 5000)
    real.wait_ms(-5)
    assert now.slept == [0]
