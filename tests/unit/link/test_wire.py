"""Frames against tests/vectors/wire.json, which also tests the host's codec."""

import json

from pump import defs
from pump.link import wire

REQUIREMENTS = ("C8",)
_REASONS = {"bad_line": defs.REFUSE_BAD_LINE, "bad_checksum": defs.REFUSE_BAD_CHECKSUM}


def _vectors(kind):
    with open("tests/vectors/wire.json") as file:
        return json.load(file)[kind]


def _raw(line):
    return bytes(ord(letter) for letter in line)


def _code(entry):
    return None if entry["code"] is None else _raw(entry["code"])


def _pairs(value):
    """The input of the encoder: a value {"pairs": ...} becomes a list of tuples."""
    if isinstance(value, dict):
        return [(name, _pairs(item)) for name, item in value["pairs"]]
    return [_pairs(item) for item in value] if isinstance(value, list) else value


def _object(value):
    """The output of the decoder: a value {"pairs": ...} becomes a dictionary."""
    if isinstance(value, dict):
        return {name: _object(item) for name, item in value["pairs"]}
    return [_object(item) for item in value] if isinstance(value, list) else value


def _refusal(line):
    try:
        wire.decode(line)
    except wire.WireError as error:
        return error.args[0]
    return None


def test_there_are_vectors():
    assert len(_vectors("good")) >= 20
    assert len(_vectors("bad")) >= 10


def test_good_lines_are_made_to_the_byte():
    for entry in _vectors("good"):
        pairs = [(name, _pairs(value)) for name, value in entry["pairs"]]
        code = _code(entry)
        assert wire.encode(pairs, lambda _, code=code: code) == _raw(entry["line"]), entry["name"]


def test_good_lines_are_read():
    for entry in _vectors("good"):
        frame = wire.decode(_raw(entry["line"])[:-1])
        assert frame.fields == {name: _object(value) for name, value in entry["pairs"]}, entry["name"]
        assert frame.checked, entry["name"]
        assert frame.code == _code(entry), entry["name"]


def test_bad_lines_are_refused_for_their_reason():
    for entry in _vectors("bad"):
        line = _raw(entry["line"])
        if entry["reason"] == "no_checksum":
            assert not wire.decode(line[:-1]).checked, entry["name"]
        elif entry["reason"] == "too_long":
            assert len(line) > defs.LINE_BYTES, entry["name"]
        else:
            assert _refusal(line[:-1]) == _REASONS[entry["reason"]], entry["name"]


def test_any_changed_bit_is_found():
    line = wire.encode([("id", 7), ("cmd", "rate"), ("ul_day", 1000)])[:-1]
    for at in range(len(line)):
        for bit in range(7):
            changed = bytearray(line)
            changed[at] ^= 1 << bit
            try:
                frame = wire.decode(bytes(changed))
            except wire.WireError:
                continue
            assert not frame.checked, (at, bit)


def test_any_cut_line_is_found():
    line = wire.encode([("id", 7), ("cmd", "rate"), ("ul_day", 1000)])[:-1]
    for length in range(1, len(line)):
        try:
            assert not wire.decode(line[:length]).checked
        except wire.WireError:
            pass


def test_a_bare_word_is_a_command_without_fields_or_checksum():
    frame = wire.decode(b"refill_begin")
    assert (frame.fields, frame.checked, frame.code) == ({"cmd": "refill_begin"}, False, None)
    assert wire.decode(b"abcxyz").fields == {"cmd": "abcxyz"}


def test_bare_words_in_capitals_are_commands():
    for line in (b"STOP", b"Stop"):
        assert wire.decode(line).fields == {"cmd": "stop"}


def test_bare_words_of_anything_but_letters_are_refused():
    for line in (b"stop now", b"stop1", b"st op", b"st\x03op", b"[1]", b"7", b"stop*00000000"):
        assert _refusal(line) == defs.REFUSE_BAD_LINE, line


def test_spaces_and_control_characters_around_a_line_are_dropped():
    """A terminal sends a Ctrl-C that the user typed before the first word as a byte of the line."""
    for before in (b"\x03", b"\x03\x03", b" ", b"\t \x1b", b"\x7f\x08", b""):
        for after in (b"", b" ", b"\x04", b"\x7f"):
            assert wire.decode(before + b"status" + after).fields == {"cmd": "status"}, (before, after)
            frame = wire.decode(before + b'{"id":1,"cmd":"status"}*E89F859B' + after)
            assert frame.checked and frame.fields == {"id": 1, "cmd": "status"}
    for line in (b"\x03", b" ", b"\x7f \x01"):
        assert _refusal(line) == defs.REFUSE_BAD_LINE, line
        assert not wire.is_typed(line)


def test_what_is_no_object_was_typed():
    for line in (b"status", b"\x03 foo bar", b"?", b"7"):
        assert wire.is_typed(line), line
    for line in (b'{"id":1}', b' {"id":1}', b"{", b""):
        assert not wire.is_typed(line), line


def test_json_that_is_no_object_is_refused():
    for line in (b"{", b"{}}", b'{"a":', b'{"a":1}{', b'{"a":tru}', b"{]"):
        assert _refusal(line) == defs.REFUSE_BAD_LINE, line


def test_a_line_without_checksum_is_marked():
    assert wire.decode(b'{"id":1,"cmd":"status"}').checked is False
    assert wire.decode(b"{}").fields == {}


def test_letters_beyond_16_bits_become_two_escapes():
    for number, escapes in ((0xFFFF, b"uffff"), (0x10000, b"ud800\\udc00"), (0x1F601, b"ud83d\\ude01")):
        assert wire.encode([("a", chr(number))]).startswith(b'{"a":"\\' + escapes + b'"}*')


def test_lists_and_objects_of_one_thing_and_of_none():
    line = wire.encode([("a", [("b", 1)]), ("c", [7]), ("d", []), ("e", [[("f", 2)]])])
    assert line.startswith(b'{"a":{"b":1},"c":[7],"d":[],"e":[{"f":2}]}*')


def test_what_is_made_is_one_line_of_printable_ascii():
    line = wire.encode([("a", "".join(chr(number) for number in range(0x180)))])
    assert line.endswith(b"\n")
    assert all(32 <= byte < 127 for byte in line[:-1])
