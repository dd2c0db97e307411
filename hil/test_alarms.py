"""Alarms as a person meets them: the light, the sound, the silence, the acknowledgement."""

import pytest
from bench import Bench, alarm
from pumpctl import defs, errors

pytestmark = pytest.mark.needs("fresh", "world", "annunciator", "block_line")

NONE, LOW, MEDIUM, HIGH = range(4)
LONGEST_PAUSE_S = 12  # between the bursts of medium priority


def shows(bench: Bench) -> tuple[int, int]:
    """(light, sound) as priorities; a person has to look and listen for a while, as long as the longest pause lasts."""
    bench.wait(seconds=LONGEST_PAUSE_S)
    truth = bench.truth()
    return truth["light"], truth["tone"]


def occlude(bench: Bench) -> None:
    bench.do("block")
    bench.wait_for("the occlusion alarm", lambda: bench.state == "stopped_alarm", 900)


def test_healthy_pump_is_dark_and_quiet(bench: Bench) -> None:
    bench.infuse()
    bench.wait(hours=1)
    assert shows(bench) == (NONE, NONE)


def test_silence_ends_by_itself_and_the_light_stays(bench: Bench) -> None:
    bench.infuse()
    bench.wait(hours=1)
    occlude(bench)
    assert shows(bench) == (HIGH, HIGH)
    assert bench.pump.silence() == 120
    assert shows(bench) == (HIGH, NONE)
    bench.wait(seconds=119 - 2 * LONGEST_PAUSE_S)
    assert shows(bench) == (HIGH, NONE)
    bench.wait(seconds=1)
    assert shows(bench) == (HIGH, HIGH)


@pytest.mark.needs("sensor_faults")
def test_new_alarm_breaks_the_silence(bench: Bench) -> None:
    bench.infuse()
    bench.wait(hours=1)
    occlude(bench)
    bench.pump.silence()
    bench.do("level_off")
    bench.wait_for("the sensor's alarm", lambda: "level_sensor" in bench.alarms, 600)
    assert shows(bench) == (HIGH, HIGH)
    assert bench.alarms == ["occlusion", "level_sensor"]  # the highest shows first


@pytest.mark.needs("sensor_faults")
def test_lower_alarm_shows_when_the_higher_is_gone(bench: Bench) -> None:
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


def test_acknowledging_what_does_not_stand_is_refused(bench: Bench) -> None:
    with pytest.raises(errors.Refused) as refusal:
        bench.pump.ack(alarm("occlusion"))
    assert refusal.value.name == "no_such_alarm"
    assert bench.pump.ack().acknowledged == 0


def test_each_step_of_an_alarm_is_told_and_kept(bench: Bench) -> None:
    bench.infuse()
    bench.wait(hours=1)
    occlude(bench)
    bench.do("unblock")
    bench.wait(seconds=30)
    bench.pump.ack()
    bench.wait(seconds=1)
    names = ["alarm_raised", "alarm_cleared", "alarm_acknowledged"]
    told = [row for row in bench.heard if row.name in names]
    assert [row.name for row in told] == names
    assert {row.a for row in told} == {alarm("occlusion")}
    kept = [row for row in bench.pump.log() if row.name in names]
    assert kept == told


def test_every_alarm_has_words_for_the_person_who_meets_it() -> None:
    for entry in defs.ALARMS.values():
        assert entry.text.endswith(".")
        assert entry.cause.endswith(".")
        assert entry.action.endswith(".")
