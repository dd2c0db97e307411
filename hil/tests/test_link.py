"""Wrong and hostile input from a host: each gets one clear refusal, and no stroke is late or lost."""

import itertools
import json
import random
import zlib

import pytest
from pumpctl import defs, errors
from pumpctl.testing import Bench, strokes_due

REQUIREMENTS = ("C4", "C8")
REFUSALS = {entry.name: number for number, entry in defs.REFUSALS.items()}


def say(bench: Bench, data: bytes, within_s: float = 1) -> list[dict[str, object]]:
    """Sends bytes as they are; the answers, without events."""
    answers = [json.loads(line.rpartition(b"*")[0]) for line in bench.raw(data, within_s)]
    return [answer for answer in answers if "ok" in answer]


def settings_of(bench: Bench) -> tuple[object, ...]:
    """The values that no invalid line may change."""
    status = bench.status
    values = [row.value for row in bench.pump.params()]
    return status.state, status.bits, status.rate_ul_day, status.strokes, status.ledger_nl, status.fluid, values


def expected(bench: Bench, data: bytes, refusal: str) -> str:
    """The refusal, or what a pump with keys says first: of a change without a code, of a code in an open session."""
    if bench.pump.hello.keyed and (b'"param_set"' in data or b'"pause"' in data):
        return "key_needed"
    if bench.pump._session and b"~" in data:
        return "code_invalid"
    return refusal


def frame(text: str) -> bytes:
    """A line with its checksum."""
    return b"%s*%08X\n" % (text.encode(), zlib.crc32(text.encode()))


def test_a_million_bytes_at_once_are_one_bad_line(bench: Bench) -> None:
    # A Pico reads some 8 kB/s beside its other work.
    assert say(bench, b"x" * 1_000_000 + b"\n", within_s=300)[-1]["refused"] == REFUSALS["too_long"]
    assert bench.state == "standby"


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"\x00\xff\x80garbage\n", "bad_line"),
        (b"{{{{[[[[\n", "bad_line"),
        (b"[1,2]\n", "bad_line"),
        (b'{"id":1,"cmd":"status"\n', "bad_line"),
        (b'{"id":1,"cmd":"status"}*00000000\n', "bad_checksum"),
        (b'{"id":1,"cmd":"start"}\n', "no_checksum"),
        (b"start\n", "no_checksum"),
        (b"x" * 600 + b"\n", "too_long"),
        (b"nonsense\n", "unknown_command"),
        (frame('{"id":1,"cmd":7}'), "unknown_command"),
        (frame('{"id":1}'), "unknown_command"),
        (frame('{"id":1,"cmd":"status","more":1}'), "unknown_field"),
        (frame('{"id":1,"cmd":"telemetry"}'), "missing_field"),
        (frame('{"id":1,"cmd":"telemetry","period_s":"1"}'), "wrong_type"),
        (frame('{"id":1,"cmd":"telemetry","period_s":1.5}'), "wrong_type"),
        (frame('{"id":1,"cmd":"telemetry","period_s":true}'), "wrong_type"),
        (frame('{"id":1,"cmd":"telemetry","period_s":null}'), "wrong_type"),
        (frame('{"id":1,"cmd":"telemetry","period_s":-1}'), "out_of_range"),
        (frame('{"id":1,"cmd":"telemetry","period_s":99999999999999999999}'), "out_of_range"),
        (frame('{"id":1,"cmd":"param_set","name":"silence_s","value":121}'), "out_of_range"),
        (frame('{"id":1,"cmd":"param_set","name":"nothing","value":1}'), "unknown_name"),
        (frame('{"id":1,"cmd":"pause"}'), "wrong_state"),
        (frame('{"id":1,"cmd":"start"}~' + "0" * 32), "no_session"),
    ],
)
def test_bad_line_gets_one_refusal_and_the_next_good_one_works(bench: Bench, data: bytes, refusal: str) -> None:
    before = settings_of(bench)
    answers = say(bench, data)
    assert [answer["refused"] for answer in answers] == [REFUSALS[expected(bench, data, refusal)]]
    assert settings_of(bench) == before


@pytest.mark.quick
def test_empty_lines_get_no_answer(bench: Bench) -> None:
    assert say(bench, b"\n\r\n\n") == []


@pytest.mark.quick
def test_two_requests_in_one_read_get_two_answers(bench: Bench) -> None:
    answers = say(bench, frame('{"id":101,"cmd":"hello"}') + frame('{"id":102,"cmd":"status"}'))
    assert [answer["id"] for answer in answers] == [101, 102]


@pytest.mark.quick
def test_a_user_may_type_bare_words(bench: Bench) -> None:
    for word in ("hello", "help", "status", "therapy", "params", "alarms", "log", "stop", "\x03status", " stop\t"):
        (answer,) = say(bench, word.encode() + b"\r\n")
        assert answer["ok"] is True, word
        assert answer["id"] is None


@pytest.mark.quick
def test_incomplete_line_is_dropped(bench: Bench) -> None:
    assert say(bench, b'{"id":5,"cmd":"sta') == []
    bench.wait(seconds=11)
    (answer,) = say(bench, frame('{"id":6,"cmd":"hello"}'))
    assert answer["id"] == 6
    assert answer["ok"] is True


def test_slowly_sent_line_is_accepted(bench: Bench) -> None:
    for letter in b"status":
        assert say(bench, bytes([letter])) == []
        bench.wait(seconds=5)
    (answer,) = say(bench, b"\n")
    assert answer["ok"] is True


@pytest.mark.needs("fresh", "jumps")
def test_flood_of_garbage_delays_no_stroke(bench: Bench) -> None:
    noise = random.Random(7)
    bench.infuse(24000)
    for _ in range(200):
        bench.transport.write(noise.randbytes(700).replace(b"stop", b"...."))
        bench.wait(ms=450)
    bench.raw(b"\n")
    strokes = bench.status.strokes
    assert strokes >= 100
    assert strokes == strokes_due(24000, bench.running_ms())
    assert "late" not in bench.alarms
    assert bench.state == "infusing"


@pytest.mark.needs("fresh", "part_faults")
def test_host_that_writes_and_does_not_read_stops_nothing(bench: Bench) -> None:
    bench.infuse(1000)
    bench.do("link_stuck")
    for _ in range(20):
        bench.transport.write(b"status\n" * 50)
        bench.wait(minutes=1)
    bench.do("link_works")
    bench.wait(seconds=10)
    bench.raw(b"\n")
    assert bench.status.strokes == strokes_due(1000, bench.running_ms())


@pytest.mark.needs("fresh", "jumps")
def test_telemetry_comes_by_itself(bench: Bench) -> None:
    bench.pump.telemetry(60)
    bench.wait(minutes=10)
    statuses = bench.pump.telemetries()
    told_s = [status.uptime_s for status in statuses]
    assert len(told_s) in (9, 10)  # the tenth falls on the end of the wait
    assert [later - earlier for earlier, later in itertools.pairwise(told_s)] == [60] * (len(told_s) - 1)
    bench.pump.telemetry(0)
    bench.pump.telemetries()  # one may have been on its way
    bench.wait(minutes=10)
    assert bench.pump.telemetries() == []


def test_refusal_says_what_was_at_fault(bench: Bench) -> None:
    bench.set_up()
    with pytest.raises(errors.Refused) as refusal:
        bench.pump.rate(49)
    assert str(refusal.value) == "rate refused: 0.049 mL/day is outside 0.05 to 24 mL/day."
    assert bench.status.rate_ul_day == 1000
