"""The link's job under garbage of every kind."""

import link_rig
import pump_rig
from pump import defs
from pump.core import ticks
from pump.link import wire

REQUIREMENTS = ("C8",)
LONG = {"test_a_half_line_left_for_a_week_is_dropped_too": "a week at rest"}
_STATUS = wire.encode([("id", 1), ("cmd", "status")])


def test_each_bad_line_gets_one_refusal_and_the_next_good_one_works():
    pump = link_rig.pump_on()
    for line, refusal in (
        (b"\x00\xff\x80garbage\n", defs.REFUSE_BAD_LINE),
        (b"{{{\n", defs.REFUSE_BAD_LINE),
        (b"x" * 5000 + b"\n", defs.REFUSE_TOO_LONG),
        (b"no such\n", defs.REFUSE_BAD_LINE),
        (b"nosuch\n", defs.REFUSE_UNKNOWN_COMMAND),
        (b"{}\n", defs.REFUSE_UNKNOWN_COMMAND),
        (b'{"cmd":[[[[1]]]]}\n', defs.REFUSE_UNKNOWN_COMMAND),
        (_STATUS[:-2] + b"0\n", defs.REFUSE_BAD_CHECKSUM),
        (b"start\n", defs.REFUSE_NO_CHECKSUM),
    ):
        pump.board.link.waiting.extend(line)
        pump.run(200)
        said = pump.heard()
        assert [frame["refused"] for frame in said] == [refusal], line
        assert pump.do("status")["state"] == defs.STATE_STANDBY


def test_what_a_pump_sends_is_not_answered_sound_or_damaged():
    answer = wire.encode([("id", 1), ("ok", False), ("refused", defs.REFUSE_BAD_LINE)])
    event = wire.encode([("event", [1, 2, 3, 4, 5, 6])])
    telemetry = wire.encode([("telemetry", [("state", 2)])])
    for line in (answer, event, telemetry):
        for sent in (line, line[:-3] + b"xx\n", line[:-12] + b"\n"):
            pump = link_rig.pump_on()
            pump.board.link.waiting.extend(sent)
            pump.run(200)
            assert pump.heard() == [], sent
            assert pump.do("status")["state"] == defs.STATE_STANDBY


def test_the_command_for_telemetry_is_answered():
    pump = link_rig.pump_on()
    assert pump.do("telemetry", period_s=0)["ok"] is True


def test_a_terminal_that_echoes_makes_no_endless_talk():
    pump = link_rig.pump_on()
    pump.board.link.waiting.extend(b"nonsense\n" + _STATUS)
    for _ in range(20):
        pump.run(200)
        pump.board.link.waiting.extend(pump.board.link.sent)
        pump.board.link.sent = bytearray()
    pump.run(200)
    assert pump.heard() == []


def test_line_ends_alone_are_answered_by_silence():
    pump = link_rig.pump_on()
    pump.board.link.waiting.extend(b"\r\n" * 1000)
    pump.run(1000)
    assert pump.heard() == []
    pump.do("status")


def test_a_half_line_that_never_ends_and_then_a_good_line():
    pump = link_rig.pump_on()
    pump.board.link.waiting.extend(b'{"id":5,"cmd":"sta')
    pump.run(10100)
    assert pump.heard() == []
    pump.do("status")


def test_a_half_line_left_for_a_week_is_dropped_too():
    pump = link_rig.pump_on()
    pump.board.link.waiting.extend(b'{"id":5,"cmd":"sta')
    pump.run(7 * 86400000)
    pump.do("status")


def test_a_good_line_soon_after_a_half_one_costs_one_refusal():
    pump = link_rig.pump_on()
    pump.board.link.waiting.extend(b'{"id":5,"cmd":"sta')
    pump.run(1000)
    assert [said["refused"] for said in pump.say(_STATUS)] == [defs.REFUSE_BAD_CHECKSUM]
    pump.do("status")


def test_a_stream_without_any_line_end_delays_no_stroke():
    pump = link_rig.steady()
    for _ in range(100):
        pump.board.link.waiting.extend(b"\xa5" * 997)
        pump.run(300)
    link_rig.on_time(pump, 30000)
    pump.board.link.waiting.extend(b"\n")
    pump.run(100)
    assert [said["refused"] for said in pump.heard()] == [defs.REFUSE_TOO_LONG]
    pump.do("status")


def test_a_flood_of_10000_garbage_lines_delays_no_stroke():
    pump = link_rig.steady()
    for turn in range(100):
        pump.board.link.waiting.extend(b"\x07}{~*\n" * 100)
        pump.run(300)
        assert not pump.board.link.waiting, turn
        pump.board.link.sent = bytearray()
    link_rig.on_time(pump, 30000)
    assert [row[0] for row in pump.controller.alarms.rows()] == [defs.ALARM_RESERVOIR_LOW]
    assert pump.do("status")["strokes"] == pump_rig.strokes_due([(24000, 30000)])


def test_damaged_frames_cause_no_error_and_every_answer_fits_a_line():
    """Valid frames, cut and joined, some with a corrected checksum so that their fields are read."""
    seeds = [
        b'{"id":7,"cmd":"ack","alarm":104}', b'{"id":8,"cmd":"param_set","name":"silence_s","value":-1}',
        b'{"id":9,"cmd":"therapy_set","profile":"timed","rows":[[1,1000,0,2],[1,50,2,4]],"volume_nl":3}',
        b'{"id":10,"cmd":"refill_finish","volume_nl":16000000,"fluid":"drug","early":true}', b'{"cmd":"log","first":3}',
        b'{"id":11,"cmd":"confirm","draft":1,"code":7}', b'{"id":12,"cmd":"bolus","volume_nl":900,"override":"none"}',
    ]  # fmt: skip
    pieces = [
        b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\\u", b"\\ud83d", b"null", b"1e9", b"-", b"9" * 18, b"true",
        b"~", b"*", b"\\u0000", b"\\!!!!", b"[[[[[[[[[[", b" ",
    ]  # fmt: skip
    pump = link_rig.steady()
    state = 12345
    for _ in range(1500):
        line = seeds[state % len(seeds)]
        for _ in range(3):
            state = (state * 1103515245 + 12345) % 2147483648
            at = (state >> 8) % len(line)
            line = line[:at] + pieces[(state >> 16) % len(pieces)] + line[at + state % 3 :]
        pump.board.link.waiting.extend(line + (b"*%08X" % wire.binascii.crc32(line) if state & 64 else b"") + b"\n")
        pump.run(2)
        sent = bytes(pump.board.link.sent)
        assert all(byte == 10 or 32 <= byte < 127 for byte in sent)
        for said in pump.heard():
            assert "event" in said or said["ok"] in (True, False)
        for row in sent.split(b"\n"):
            assert len(row) < defs.LINE_BYTES, row
    assert pump.controller.supervisor.state == defs.STATE_INFUSING
    span_ms = ticks.diff(pump.board.clock.now, pump.began)
    assert pump.controller.account.strokes == pump_rig.strokes_due([(24000, span_ms)])
