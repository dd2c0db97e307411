"""The word of condition bits."""

from pump import conditions, defs


def test_set_clear_and_put_touch_their_bits_alone():
    facts = conditions.Conditions(defs.BIT_TESTED)
    facts.set(defs.BIT_LATE | defs.BIT_OCCLUDED)
    facts.clear(defs.BIT_LATE)
    assert facts.word == defs.BIT_TESTED | defs.BIT_OCCLUDED
    facts.put(defs.BIT_OCCLUDED, False)
    facts.put(defs.BIT_LEVEL_BLIND, True)
    facts.put(defs.BIT_LEVEL_BLIND, True)
    assert facts.word == defs.BIT_TESTED | defs.BIT_LEVEL_BLIND


def test_has_answers_for_any_of_several():
    facts = conditions.Conditions(defs.BIT_LATE)
    assert facts.has(defs.BIT_LATE | defs.BIT_OCCLUDED) is True
    assert facts.has(defs.BIT_OCCLUDED) is False
