"""The words of condition bits and of notes."""

from pump import defs
from pump.core import conditions


def test_set_clear_and_put_touch_their_bits_alone():
    condition_bits = conditions.Conditions(defs.BIT_TESTED)
    condition_bits.set(defs.BIT_SUPPLY_OUT | defs.BIT_OCCLUDED)
    condition_bits.clear(defs.BIT_SUPPLY_OUT)
    assert condition_bits.word == defs.BIT_TESTED | defs.BIT_OCCLUDED
    condition_bits.put(defs.BIT_OCCLUDED, False)
    condition_bits.put(defs.BIT_LINE_OPEN, True)
    condition_bits.put(defs.BIT_LINE_OPEN, True)
    assert condition_bits.word == defs.BIT_TESTED | defs.BIT_LINE_OPEN


def test_has_answers_for_any_of_several():
    condition_bits = conditions.Conditions(defs.BIT_SUPPLY_OUT)
    assert condition_bits.has(defs.BIT_SUPPLY_OUT | defs.BIT_OCCLUDED) is True
    assert condition_bits.has(defs.BIT_OCCLUDED) is False


def test_notes_are_a_word_of_their_own():
    condition_bits = conditions.Conditions(defs.BIT_TESTED)
    condition_bits.note(defs.NOTE_LATE | defs.NOTE_LEVEL_BLIND, True)
    condition_bits.note(defs.NOTE_LATE, False)
    assert condition_bits.noted(defs.NOTE_LEVEL_BLIND) and not condition_bits.noted(defs.NOTE_LATE)
    assert condition_bits.word == defs.BIT_TESTED
