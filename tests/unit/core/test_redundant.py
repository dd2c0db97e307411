"""Redundantly stored words, one of which is the state of the pump."""

import pump_rig
from pump import defs
from pump.core import redundant


def _raised(word):
    try:
        word.get()
    except redundant.Mismatch:
        return True
    return False


def test_a_word_gives_back_what_was_put():
    word = redundant.Word(5, 7)
    assert word.get() == 5
    for value in (0, 1, 0x2AAAAAAA, 0x3FFFFFFF):
        word.put(value)
        assert word.get() == value


def test_any_bit_that_flips_in_either_copy_is_found_once():
    for copy in ("_value", "_complement"):
        for place in range(30):
            word = redundant.Word(0x15555555, 7)
            setattr(word, copy, getattr(word, copy) ^ 1 << place)
            assert _raised(word)
            assert word.get() == 7


def test_a_state_that_was_corrupted_ends_in_the_fault_with_its_alarm_and_no_more_strokes():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(pump_rig.MINUTE)
    strokes = pump.board.drive.strokes
    assert strokes > 0
    pump.controller.supervisor.word._value ^= 1
    pump.main(10 * pump_rig.MINUTE)
    assert pump.controller.supervisor.state == defs.STATE_FAULT
    assert pump.controller.alarms.top == defs.ALARM_INTERNAL_ERROR
    assert pump.board.drive.strokes == strokes
    assert [type(error) for error in pump.board.errors] == [redundant.Mismatch]
