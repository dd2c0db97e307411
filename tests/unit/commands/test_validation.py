"""Fields of a request are known, complete, of the right type and within limits; values in a refusal are short."""

from pump import defs
from pump.commands import validation

_INT = (("n", "int", -5, 5, None),)
_BOOL = (("b", "bool", None, None, 0),)
_CHOICE = (("c", "choice", ("none", "saline"), None, 1),)
_ROWS = (("r", "rows", 4, 2, None),)
_NAME = (("t", "name", None, None, None),)


def _refusal(given, known):
    try:
        validation.fields(given, known)
    except validation.Refused as refusal:
        return refusal.args[0]
    return None


def test_right_fields_are_handed_on_and_choices_become_their_number():
    assert validation.fields({"id": 1, "cmd": "test", "n": -5}, _INT) == {"n": -5}
    assert validation.fields({"b": True}, _BOOL) == {"b": True}
    assert validation.fields({"c": "none"}, _CHOICE) == {"c": 0}
    assert validation.fields({"t": "x"}, _NAME) == {"t": "x"}


def test_an_omitted_field_has_its_default_or_is_refused():
    assert validation.fields({}, _BOOL + _CHOICE) == {"b": 0, "c": 1}
    assert _refusal({}, _INT) == defs.REFUSE_MISSING_FIELD


def test_unknown_fields():
    for name in ("x", "N", "", "id ", 1, None):
        assert _refusal({"n": 1, name: 1}, _INT) == defs.REFUSE_UNKNOWN_FIELD


def test_types_are_checked_strictly():
    wrong = {"int": ("1", True, 1.0, None, [], {}), "bool": (0, 1, "true", None), "str": (1, True, None, ["a"])}
    for known, key in ((_INT, "int"), (_BOOL, "bool"), (_CHOICE, "str"), (_NAME, "str")):
        for value in wrong[key]:
            assert _refusal({known[0][0]: value}, known) == defs.REFUSE_WRONG_TYPE, (known, value)


def test_limits():
    for value in (-6, 6, 1 << 30, -(1 << 70)):
        assert _refusal({"n": value}, _INT) == defs.REFUSE_OUT_OF_RANGE


def test_rows_are_lists_of_so_many_whole_numbers_and_not_too_many():
    row = [1, 2, 3, 4]
    for good in ([], [row], [row, row]):
        assert validation.fields({"r": good}, _ROWS) == {"r": good}
    for wrong in ([1], [[1, 2, 3]], [row + [5]], [[1, 2, 3, "4"]], [[1, 2, 3, True]], [None], [[[row]]], {}, "x"):
        assert _refusal({"r": wrong}, _ROWS) == defs.REFUSE_WRONG_TYPE, wrong
    for wrong in ([row, row, row], [[1, 2, 3, -1]], [[1, 2, 3, 1 << 30]]):
        assert _refusal({"r": wrong}, _ROWS) == defs.REFUSE_OUT_OF_RANGE, wrong


def test_names_of_choices():
    for value in ("", "Saline", "drug"):
        assert _refusal({"c": value}, _CHOICE) == defs.REFUSE_UNKNOWN_NAME


def test_ids():
    for number in (0, 7, (1 << 30) - 1):
        assert validation.identity({"id": number}) == number
    for other in (-1, 1 << 30, True, "7", 7.0, None, [7]):
        assert validation.identity({"id": other}) is None
    assert validation.identity({}) is None


def test_read_backs_are_short_and_never_enter_lists():
    deep = []
    for _ in range(200):
        deep = [deep]
    assert validation.shorten(deep) == "list"
    assert validation.shorten({"a": deep}) == "object"
    assert validation.shorten("x" * 100) == "x" * 32
    assert validation.shorten(12) == "12"
    assert validation.shorten(None) == "None"


def test_the_limits_themselves_are_taken():
    for value in (-5, 0, 5):
        assert validation.fields({"n": value}, _INT) == {"n": value}
    row = [0, 1, 2, (1 << 30) - 1]
    assert validation.fields({"r": [row]}, _ROWS) == {"r": [row]}


def test_a_refusal_of_rows_names_the_limits():
    whole = [("min", 0), ("max", (1 << 30) - 1)]
    for given, limits in (([[0] * 4] * 3, [("min", 1), ("max", 2)]), ([[0, 0, 0, -1]], whole)):
        try:
            validation.fields({"r": given}, _ROWS)
        except validation.Refused as refusal:
            assert refusal.pairs()[-2:] == limits
        else:
            raise AssertionError(given)


def test_a_refusal_names_the_command_that_was_named_first_or_none():
    refusal = validation.Refused(7, [("field", "n")])
    assert refusal.pairs() == [("field", "n")]
    refusal.name_command("rate")
    refusal.name_command("confirm")
    assert refusal.pairs() == [("cmd", "rate"), ("field", "n")]
    unnamed = validation.Refused(7, [], "")
    unnamed.name_command("rate")
    assert unnamed.pairs() == []


def test_only_a_request_that_something_prevents_is_refused():
    validation.require_granted(0)
    try:
        validation.require_granted(defs.BIT_OCCLUDED)
    except validation.Refused as refusal:
        assert refusal.args == (defs.REFUSE_HELD, [("bits", defs.BIT_OCCLUDED)])
    else:
        raise AssertionError("granted")
