"""Which plans can be set, and why others are refused."""

from pump import defs
from pump.therapy import plan_validation

SALINE, DRUG = defs.FLUID_SALINE, defs.FLUID_DRUG
_USABLE_NL = 19500000
_TURNS = [[SALINE, 1000, 0, 336], [DRUG, 1000, 336, 336], [SALINE, 1000, 672, 336]]


def _check(profile, rows, cycles=1, repeat_from=0, volume_nl=0):
    fields = {"profile": profile, "rows": rows, "cycles": cycles, "repeat_from": repeat_from, "volume_nl": volume_nl}
    return plan_validation.check(fields, _USABLE_NL)


def _refused(*plan, **more):
    number, about = _check(*plan, **more)
    return number, dict(about)


def test_good_plans():
    assert _check(defs.PROFILE_INTRAHEPATIC, _TURNS, cycles=12, repeat_from=1) is None
    assert _check(defs.PROFILE_INTRAHEPATIC, _TURNS[:1]) is None
    assert _check(defs.PROFILE_CONTINUOUS, [[DRUG, 24000, 0, 0]]) is None
    assert _check(defs.PROFILE_CONTINUOUS, [[SALINE, 50, 0, 12], [SALINE, 1000, 12, 0]]) is None
    assert _check(defs.PROFILE_TIMED, [[DRUG, 2400, 0, 8]]) is None
    assert _check(defs.PROFILE_TIMED, [[DRUG, 2400, 0, 0]], volume_nl=_USABLE_NL) is None


def test_rows_one_by_one():
    first = [SALINE, 1000, 0, 336]
    for row, number, field in (
        ([0, 1000, 336, 336], defs.REFUSE_UNKNOWN_NAME, "fluid"),
        ([3, 1000, 336, 336], defs.REFUSE_UNKNOWN_NAME, "fluid"),
        ([DRUG, 49, 336, 336], defs.REFUSE_OUT_OF_RANGE, "ul_day"),
        ([DRUG, 24001, 336, 336], defs.REFUSE_OUT_OF_RANGE, "ul_day"),
        ([DRUG, 1000, 337, 336], defs.REFUSE_PLAN_GAP, "begin_h"),
        ([DRUG, 1000, 335, 336], defs.REFUSE_PLAN_OVERLAP, "begin_h"),
        ([DRUG, 1000, 336, -1], defs.REFUSE_PLAN_LENGTH, "length_h"),
        ([DRUG, 1000, 336, 2161], defs.REFUSE_PLAN_LENGTH, "length_h"),
        ([DRUG, 1000, 336, 469], defs.REFUSE_OVER_RESERVOIR, "length_h"),
    ):
        refused, about = _refused(defs.PROFILE_INTRAHEPATIC, [first, row])
        assert (refused, about["row"], about["field"]) == (number, 1, field), row
    assert _check(defs.PROFILE_INTRAHEPATIC, [first, [DRUG, 1000, 336, 468]]) is None
    refused, about = _refused(defs.PROFILE_INTRAHEPATIC, [[SALINE, 1000, 1, 336]])
    assert (refused, about["row"]) == (defs.REFUSE_PLAN_GAP, 0)


def test_a_phase_without_end_is_the_last_and_is_not_repeated():
    assert _refused(defs.PROFILE_CONTINUOUS, [[DRUG, 50, 0, 0], [DRUG, 50, 0, 0]])[0] == defs.REFUSE_PLAN_LENGTH
    assert _refused(defs.PROFILE_CONTINUOUS, [[DRUG, 50, 0, 0]], cycles=2)[0] == defs.REFUSE_PLAN_LENGTH


def test_no_rows_and_a_repeat_from_nowhere():
    assert _refused(defs.PROFILE_CONTINUOUS, [])[0] == defs.REFUSE_MISSING_FIELD
    number, about = _refused(defs.PROFILE_INTRAHEPATIC, _TURNS, cycles=2, repeat_from=3)
    assert (number, about["field"], about["max"]) == (defs.REFUSE_OUT_OF_RANGE, "repeat_from", 2)


def test_intrahepatic_alternates_its_fluids():
    wrong = defs.REFUSE_WRONG_FLUID
    assert _refused(defs.PROFILE_INTRAHEPATIC, [[DRUG, 1000, 0, 336]])[0] == wrong
    assert _refused(defs.PROFILE_INTRAHEPATIC, [_TURNS[0], [SALINE, 1000, 336, 336]])[0] == wrong
    assert _refused(defs.PROFILE_INTRAHEPATIC, _TURNS, cycles=2, repeat_from=0)[0] == wrong
    assert _refused(defs.PROFILE_INTRAHEPATIC, [[SALINE, 1000, 0, 0]])[0] == defs.REFUSE_PLAN_LENGTH
    assert _refused(defs.PROFILE_INTRAHEPATIC, _TURNS, volume_nl=1)[0] == defs.REFUSE_OUT_OF_RANGE


def test_continuous_has_one_fluid_and_no_end():
    rows = [[SALINE, 50, 0, 12], [DRUG, 50, 12, 0]]
    assert _refused(defs.PROFILE_CONTINUOUS, rows)[0] == defs.REFUSE_WRONG_FLUID
    assert _refused(defs.PROFILE_CONTINUOUS, [[SALINE, 50, 0, 12]])[0] == defs.REFUSE_PLAN_LENGTH


def test_timed_has_an_end_by_time_or_by_volume():
    assert _refused(defs.PROFILE_TIMED, [[DRUG, 2400, 0, 0]])[0] == defs.REFUSE_PLAN_LENGTH
    number, about = _refused(defs.PROFILE_TIMED, [[DRUG, 2400, 0, 0]], volume_nl=_USABLE_NL + 1)
    assert (number, about["max"]) == (defs.REFUSE_OVER_RESERVOIR, _USABLE_NL)
