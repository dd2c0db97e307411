"""Alarms as a user sees and hears them: light, sound, silence, acknowledgement."""

from itertools import pairwise

import pytest
from pumpctl import defs, errors
from pumpctl.testing import Bench, Pulse, alarm, bursts, pulses

REQUIREMENTS = ("A1", "A2", "A3")
pytestmark = pytest.mark.needs("fresh", "world", "annunciator", "block_line")

DARK, LOW, MEDIUM, HIGH = range(4)
LONGEST_PAUSE_S = 32  # between the bursts of low priority
HIGH_PAUSE_S = 16  # and of high priority
# Requirement A1, after IEC 60601-1-8: flashes per second, and pulses per burst.
RED_HZ = (1.4, 2.8)
YELLOW_HZ = (0.4, 0.8)
PULSES = {2: LOW, 3: MEDIUM, 10: HIGH}


def look(bench: Bench) -> tuple[list[Pulse], list[Pulse], list[Pulse]]:
    """Pulses of red, yellow and tone, observed for the longest pause."""
    began_ms = int(bench.now_s * 1000)
    bench.wait(seconds=LONGEST_PAUSE_S)
    changes = bench.dut.changes()
    red, yellow, tone = (
        [p for p in pulses(changes, name) if p.rise_ms > began_ms] for name in ("red", "yellow", "tone")
    )
    return red, yellow, tone


def hertz(flashes: list[Pulse]) -> tuple[float, float]:
    """The lowest and the highest flash rate."""
    periods_ms = [later.rise_ms - one.rise_ms for one, later in pairwise(flashes)]
    return 1000 / max(periods_ms), 1000 / min(periods_ms)


def shows(bench: Bench) -> tuple[int, int]:
    """(light, sound) as priorities, derived from the observed flashes and bursts."""
    red, yellow, tone = look(bench)
    truth = bench.truth()
    light = HIGH if red else MEDIUM if yellow else LOW if truth["yellow"] else DARK
    return light, PULSES[max(map(len, bursts(tone)))] if tone else DARK  # at least one burst is complete


def occlude(bench: Bench) -> None:
    bench.do("block")
    bench.run_until(lambda: bench.state == "stopped_alarm", 900, what="the occlusion alarm")


def test_healthy_pump_is_dark_and_quiet(bench: Bench) -> None:
    bench.infuse()
    bench.wait(hours=1)
    assert shows(bench) == (DARK, DARK)


def within(measured: tuple[float, float], limits: tuple[float, float]) -> bool:
    return limits[0] <= measured[0] <= measured[1] <= limits[1]


def test_occlusion_flashes_red_and_sounds_bursts_of_ten(bench: Bench) -> None:
    bench.infuse()
    bench.wait(hours=1)
    occlude(bench)
    red, yellow, tone = look(bench)
    assert within(hertz(red), RED_HZ)
    assert yellow == []
    _, *complete, _ = bursts(tone)
    assert len(complete) >= 2
    assert {len(burst) for burst in complete} == {10}


@pytest.mark.needs("sensor_faults")
def test_failed_sensor_flashes_yellow_and_sounds_bursts_of_three(bench: Bench) -> None:
    bench.infuse()
    bench.do("level_off")
    bench.run_until(lambda: "level_sensor" in bench.alarms, 600, what="the sensor's alarm")
    red, yellow, tone = look(bench)
    assert red == []
    assert within(hertz(yellow), YELLOW_HZ)
    assert max(map(len, bursts(tone))) == 3


def test_silence_ends_by_itself_and_the_light_stays(bench: Bench) -> None:
    bench.infuse()
    bench.wait(hours=1)
    occlude(bench)
    assert shows(bench) == (HIGH, HIGH)
    assert bench.pump.silence() == 120
    assert shows(bench) == (HIGH, DARK)
    for _ in range(2):  # requests keep the link active; a silence ends when its link is lost (A4)
        bench.wait(seconds=(119 - 2 * LONGEST_PAUSE_S) / 2)
        assert bench.status.silenced
    assert shows(bench) == (HIGH, DARK)
    bench.wait(seconds=1)
    assert shows(bench) == (HIGH, HIGH)


def test_alarm_that_is_silenced_every_50_s_is_heard_for_half_of_an_hour(bench: Bench) -> None:
    bench.infuse()
    bench.wait(hours=1)
    occlude(bench)
    began_ms = int(bench.now_s * 1000)
    sounds: set[int] = set()
    for _ in range(72):
        bench.pump.silence()
        bench.wait(seconds=50)
        sounds |= {pulse.rise_ms for pulse in pulses(bench.dut.changes(), "tone") if pulse.rise_ms > began_ms}
    times_ms = [began_ms, *sorted(sounds), int(bench.now_s * 1000)]
    gaps_ms = [end - begin for begin, end in pairwise(times_ms)]
    pause_ms = max(ms for ms in gaps_ms if ms <= 1000 * HIGH_PAUSE_S)
    silent_ms = [ms - pause_ms for ms in gaps_ms if ms > 1000 * HIGH_PAUSE_S]
    assert 100_000 <= max(silent_ms) <= 120_000
    assert sum(silent_ms) <= 1000 * (1800 + 120)  # half of the hour, and the silence that had just begun


@pytest.mark.needs("sensor_faults")
def test_new_alarm_ends_the_silence(bench: Bench) -> None:
    bench.infuse()
    bench.wait(hours=1)
    occlude(bench)
    bench.pump.silence()
    bench.do("level_off")
    bench.run_until(lambda: "level_sensor" in bench.alarms, 600, what="the sensor's alarm")
    assert shows(bench) == (HIGH, HIGH)
    assert bench.alarms == ["occlusion", "level_sensor"]  # highest priority first


@pytest.mark.needs("sensor_faults")
def test_lower_priority_alarm_is_shown_when_the_higher_one_is_cleared(bench: Bench) -> None:
    bench.infuse()
    bench.wait(hours=1)
    occlude(bench)
    bench.do("level_off")
    bench.wait(minutes=10)
    bench.do("unblock")
    bench.wait(seconds=30)
    bench.pump.ack(alarm("occlusion"))
    assert shows(bench) == (MEDIUM, MEDIUM)
    assert bench.status.alarm_name == "level_sensor"


def test_acknowledging_an_inactive_alarm_is_refused(bench: Bench) -> None:
    with pytest.raises(errors.Refused) as refusal:
        bench.pump.ack(alarm("occlusion"))
    assert refusal.value.name == "no_such_alarm"
    assert bench.pump.ack().acknowledged == 0


def test_each_step_of_an_alarm_is_sent_and_logged(bench: Bench) -> None:
    bench.infuse()
    bench.wait(hours=1)
    occlude(bench)
    bench.do("unblock")
    bench.wait(seconds=30)
    bench.pump.ack()
    bench.wait(seconds=1)
    names = ["alarm_raised", "alarm_cleared", "alarm_acknowledged"]
    received = [row for row in bench.received if row.name in names]
    assert [row.name for row in received] == names
    assert {row.a for row in received} == {alarm("occlusion")}
    logged = [row for row in bench.pump.log() if row.name in names]
    assert logged == received


def test_every_alarm_has_text_cause_and_action() -> None:
    for entry in defs.ALARMS.values():
        assert entry.text.endswith(".")
        assert entry.cause.endswith(".")
        assert entry.action.endswith(".")
