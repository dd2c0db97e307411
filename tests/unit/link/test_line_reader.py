"""Lines from bytes: whole, in pieces, incomplete, too long."""

import pump_rig
from pump import defs
from pump.core import ticks
from pump.link import line_reader


def _lines(data=b""):
    source = pump_rig.Link()
    source.waiting.extend(data)
    return source, line_reader.LineReader(source)


def _all(lines, now=0):
    found = []
    for _ in range(100):
        line = lines.next_line(now)
        if line is not None:
            found.append(line)
    return found


def test_lines_end_with_lf_cr_or_both_and_empty_ones_are_none():
    _, lines = _lines(b"one\ntwo\r\n\r\n\n\rthree\rfour")
    assert _all(lines) == [b"one", b"two", b"three"]


def test_a_line_may_come_in_pieces():
    source, lines = _lines()
    for byte in b"status\n":
        assert lines.next_line(0) is None
        source.waiting.append(byte)
    assert lines.next_line(0) == b"status"


def test_the_longest_line_is_whole_and_one_more_byte_is_too_long():
    longest = b"x" * (defs.LINE_BYTES - 1)
    _, lines = _lines(longest + b"\n" + longest + b"x\nok\n")
    assert _all(lines) == [longest, b"", b"ok"]


def test_a_line_far_too_long_is_one_line():
    _, lines = _lines(b"y" * 9999 + b"\nok\n")
    assert _all(lines) == [b"", b"ok"]


def test_a_half_line_is_dropped_after_ten_seconds():
    source, lines = _lines(b'{"id":1,')
    now = ticks.add(0, -3000)
    assert lines.next_line(now) is None
    lines.age(ticks.add(now, 10000))
    source.waiting.extend(b"x\n")
    assert lines.next_line(ticks.add(now, 10000)) == b'{"id":1,x'
    source.waiting.extend(b'{"id":2,')
    lines.next_line(ticks.add(now, 10000))
    lines.age(ticks.add(now, 20001))
    source.waiting.extend(b"status\n")
    assert lines.next_line(ticks.add(now, 20001)) == b"status"


def test_a_half_line_that_is_too_long_is_dropped_as_well():
    _, lines = _lines(b"z" * 600)
    for _ in range(6):
        lines.next_line(0)
    assert lines.too_long
    lines.age(10001)
    assert not lines.too_long


# ---- bad input ----------------------------------------------------------------------------------------------------
