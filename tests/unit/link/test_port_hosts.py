"""Answers and notices to a host that reads, reads slowly, doesn't read, or is lost (A4)."""

import link_rig
import pump_rig
from pump import defs
from pump.alarms import alarms
from pump.core import ticks
from pump.link import wire

REQUIREMENTS = ("D9", "A4")
_STATUS = wire.encode([("id", 1), ("cmd", "status")])


def test_two_requests_in_one_read_get_two_answers_in_their_order():
    pump = link_rig.pump_on()
    said = pump.say(pump.frame("status") + pump.frame("hello"))
    assert [answer["id"] for answer in said if "id" in answer] == [1, 2]
    assert all(answer["ok"] for answer in said if "id" in answer)


def test_a_pump_sends_nothing_before_the_first_request():
    pump = pump_rig.Pump()
    pump.app.conditions.note(defs.NOTE_LEVEL_BLIND, True)
    pump.run(pump_rig.HOUR)
    assert pump.heard() == []


def test_events_follow_once_a_host_has_spoken_and_the_old_ones_are_left_to_the_log():
    pump = link_rig.pump_on()
    pump.run(pump_rig.MINUTE)
    first = pump.app.journal.next
    pump.do("status")
    assert pump.heard() == []
    pump.do("silence")
    pump.app.conditions.note(defs.NOTE_LEVEL_BLIND, True)
    pump.run(0)
    pump.board.link.sent = bytearray()
    pump.app.conditions.note(defs.NOTE_PRESSURE_BLIND, True)
    pump.run(0)
    assert [said["event"][3:5] for said in pump.heard()] == [[defs.EVENT_ALARM_RAISED, defs.ALARM_PRESSURE_SENSOR]]
    assert first > 1


def test_telemetry_comes_at_its_period_with_the_time_of_its_sending():
    pump = link_rig.steady(1000)
    pump.do("telemetry", period_s=10)
    pump.heard()
    pump.run(60000)
    said = [frame["telemetry"] for frame in pump.heard() if "telemetry" in frame]
    assert [frame["uptime_s"] for frame in said] == [10, 20, 30, 40, 50, 60]
    assert [frame["stroke_in_ms"] for frame in said] == [11600, 1600, 13200, 3200, 14800, 4800]
    pump.do("telemetry", period_s=0)
    pump.run(pump_rig.HOUR)
    assert not any("telemetry" in frame for frame in pump.heard())


def test_telemetry_goes_on_after_a_host_was_deaf_for_any_time():
    for days in (1, 6, 7, 9, 12, 13, 30):
        pump = link_rig.pump_on()
        pump.do("telemetry", period_s=10)
        link = pump.app.port
        pump.board.link.room = 0
        now = pump.board.clock.now
        for _ in range(24 * days):
            now = ticks.add(now, pump_rig.HOUR)
            link.run(now)
        pump.board.link.room = None
        for _ in range(40):
            now = ticks.add(now, 1000)
            link.run(now)
        assert len([frame for frame in pump.heard() if "telemetry" in frame]) in (4, 5), days


def test_telemetry_wakes_the_pump_only_when_it_is_due():
    pump = link_rig.pump_on()
    pump.do("telemetry", period_s=3)
    fed = pump.board.watchdog.fed
    pump.run(pump_rig.MINUTE)
    assert pump.board.watchdog.fed - fed < 80


def test_a_host_that_never_reads_delays_no_stroke_and_lets_the_pump_sleep():
    pump = link_rig.steady()
    pump.board.link.room = 10
    pump.board.link.waiting.extend(pump.frame("telemetry", period_s=1) * 5)
    fed = pump.board.watchdog.fed
    pump.run(5 * pump_rig.MINUTE)
    link_rig.on_time(pump, 5 * pump_rig.MINUTE)
    assert len(pump.board.link.sent) == 10
    assert pump.board.watchdog.fed - fed < 10 * 60 * 5 + 334 * 7


def test_a_host_that_reads_again_gets_the_rest_of_the_line_within_100_ms():
    pump = link_rig.pump_on()
    pump.board.link.room = 10
    pump.say(_STATUS)
    pump.run(500)
    assert len(pump.board.link.sent) == 10
    assert 0 < pump.app.step() <= 100
    pump.board.link.room = None
    pump.run(100)
    assert pump.heard()[0]["id"] == 1


def test_a_host_that_takes_a_byte_at_a_time_gets_everything():
    pump = link_rig.pump_on()
    pump.board.link.waiting.extend(pump.frame("status") + pump.frame("params"))
    for _ in range(2000):
        pump.board.link.room = 1
        pump.run(10)
    assert [said["id"] for said in pump.heard() if "id" in said] == [1, 2]


def test_stop_is_obeyed_from_a_host_that_does_not_read():
    for stop in (b"stop\n", wire.encode([("id", 9), ("cmd", "stop")])):
        pump = link_rig.steady()
        pump.board.link.room = 0
        pump.board.link.waiting.extend(_STATUS * 3)
        pump.run(3000)
        pump.board.link.waiting.extend(b"garbage~~\n" + stop)
        pump.run(200)
        assert pump.controller.supervisor.state == defs.STATE_STANDBY


def test_a_request_of_a_host_that_did_not_read_is_not_carried_out_later():
    pump = link_rig.steady()
    pump.do("pause")
    pump.board.link.room = 0
    pump.board.link.waiting.extend(_STATUS)
    pump.run(5000)
    pump.board.link.waiting.extend(pump.frame("resume"))
    pump.run(1000)
    pump.board.link.room = None
    pump.run(pump_rig.HOUR)
    assert pump.controller.supervisor.state == defs.STATE_PAUSED
    assert pump.do("status")["state"] == defs.STATE_PAUSED


def test_events_that_a_host_did_not_read_are_sent_later_as_far_as_they_are_stored():
    pump = link_rig.pump_on()
    pump.do("status")
    pump.board.link.room = 0
    for number in range(200):
        pump.app.journal.write(defs.EVENT_DRAFT, number, defs.COMMANDS["rate"][0])
        pump.run(0)
    pump.heard()
    pump.board.link.room = None
    pump.run(1000)
    rows = [said["event"] for said in pump.heard()]
    numbers = [row[0] for row in rows]
    assert numbers[0] < 10  # this one was being sent when the host stopped reading
    assert numbers[1:] == list(range(pump.app.journal.next - 128, pump.app.journal.next))


# ---- a host that is lost (A4) --------------------------------------------------------------------------------------


def test_a_silence_ends_when_its_host_is_no_longer_connected_and_delivery_goes_on():
    pump = link_rig.steady()
    pump.app.conditions.note(defs.NOTE_LEVEL_BLIND, True)
    pump.run(0)
    pump.do("silence")
    began = pump.board.clock.now
    pump.run(59000)
    assert pump.board.annunciator.tone == defs.PRIORITY_NONE
    pump.run(6000)
    assert pump.board.annunciator.tone == defs.PRIORITY_MEDIUM
    assert pump.logged(defs.EVENT_LINK_LOST) == [[60, 0]]
    assert ticks.diff(pump.board.clock.now, began) < 66000
    link_rig.on_time(pump, 65000)


def test_a_host_that_is_connected_keeps_its_silence_to_the_end():
    pump = link_rig.pump_on()
    pump.app.conditions.note(defs.NOTE_LEVEL_BLIND, True)
    pump.do("silence")
    for _ in range(3):
        pump.run(39000)
        pump.do("status")
        assert pump.controller.alarms.silenced
    pump.run(5000)
    assert not pump.controller.alarms.silenced
    assert pump.logged(defs.EVENT_LINK_LOST) == []


def test_a_silence_from_elsewhere_is_not_the_host_s_to_lose():
    pump = link_rig.pump_on()
    pump.app.conditions.note(defs.NOTE_LEVEL_BLIND, True)
    pump.run(0)
    pump.controller.alarms.silence(pump.board.clock.now, 120, alarms.FROM_BUTTON)
    pump.run(119000)
    assert pump.controller.alarms.silenced
    assert pump.logged(defs.EVENT_LINK_LOST) == []
