"""The words of condition bits and of notes."""

from pump import defs
from pump.core import conditions


def test_set_clear_and_put_touch_their_bits_alone():
    facts = conditions.Conditions(defs.BIT_TESTED)
    facts.set(defs.BIT_SUPPLY_OUT | defs.BIT_OCCLUDED)
    facts.clear(defs.BIT_SUPPLY_OUT)
    assert facts.word == defs.BIT_TESTED | defs.BIT_OCCLUDED
    facts.put(defs.BIT_OCCLUDED, False)
    facts.put(defs.BIT_LINE_OPEN, True)
    facts.put(defs.BIT_LINE_OPEN, True)
    assert facts.word == defs.BIT_TESTED | defs.BIT_LINE_OPEN


def test_has_answers_for_any_of_several():
    facts = conditions.Conditions(defs.BIT_SUPPLY_OUT)
    assert facts.has(defs.BIT_SUPPLY_OUT | defs.BIT_OCCLUDED) is True
    assert facts.has(defs.BIT_OCCLUDED) is False


def test_notes_are_a_word_of_their_own():
    facts = conditions.Conditions(defs.BIT_TESTED)
    facts.note(defs.NOTE_LATE | defs.NOTE_LEVEL_BLIND, True)
    facts.note(defs.NOTE_LATE, False)
    assert facts.noted(defs.NOTE_LEVEL_BLIND) and not facts.noted(defs.NOTE_LATE)
    assert facts.word == defs.BIT_TESTED
