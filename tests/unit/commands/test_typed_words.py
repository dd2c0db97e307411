"""What a user at a terminal types: words between other characters, help, and refusals in words."""

import pump_rig
from pump import defs


def _typed(pump, line):
    (answer,) = [said for said in pump.say(line) if "ok" in said]
    return answer


def test_a_word_counts_although_a_terminal_sent_a_ctrl_c_before_it():
    pump = pump_rig.Pump()
    for line in (b"\x03status\r", b" status \r\n", b"\x03\x03\tSTATUS\x7f\n"):
        answer = _typed(pump, line)
        assert answer["ok"] and answer["id"] is None and "state" in answer, line


def test_help_lists_the_words_that_need_nothing_else_and_each_of_them_is_answered():
    pump = pump_rig.Pump()
    answer = _typed(pump, b"help\r")
    assert answer["ok"] and "pumpctl" in answer["text"]
    assert "status" in answer["words"] and "stop" in answer["words"]
    assert "start" not in answer["words"], "it takes an id and a checksum"
    assert "journal_read" not in answer["words"], "it takes a number"
    for word in answer["words"]:
        assert _typed(pump, word.encode() + b"\r")["ok"], word


def test_what_is_refused_after_a_typed_word_is_told_in_words():
    pump = pump_rig.Pump()
    for line, number in (
        (b"what now\r", defs.REFUSE_BAD_LINE),
        (b"foo\r", defs.REFUSE_UNKNOWN_COMMAND),
        (b"start\r", defs.REFUSE_NO_CHECKSUM),
        (b"journal_read\r", defs.REFUSE_MISSING_FIELD),
    ):
        answer = _typed(pump, line)
        assert answer["refused"] == number, line
        assert "type help" in answer["text"], line


def test_a_program_gets_no_words_with_a_refusal():
    pump = pump_rig.Pump()
    for line in (b'{"cmd":"start"}\n', b'{"id":1,"cmd":"foo"}*00000000\n', b"{\n"):
        answer = _typed(pump, line)
        assert answer["ok"] is False and "text" not in answer, line
