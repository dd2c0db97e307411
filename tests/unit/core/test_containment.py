"""Errors of queries end where they occur; refusals, and memory that has gone bad, don't."""

from pump.core import containment, redundant


class _Refused(Exception):
    pass


def _raising(error):
    def query(value, now):
        raise error

    return query


def test_what_works_gets_its_arguments_and_returns_its_value():
    contained = containment.Containment(None, _Refused)
    assert contained.run(lambda value, now: (value, now), 3, 5, 7) == (3, 5)


def test_an_error_ends_there_and_the_first_is_reported_with_its_origin():
    told = []
    contained = containment.Containment(lambda error, origin: told.append((error, origin)), _Refused)
    for number in (1, 2, 3):
        assert contained.run(_raising(ValueError(number)), 0, 0, number) is None
    assert [(error.args[0], origin) for error, origin in told] == [(1, 1)]


def test_a_refusal_and_a_bad_word_of_memory_go_on():
    contained = containment.Containment(None, _Refused)
    for error in (_Refused(), redundant.Mismatch(), KeyboardInterrupt()):
        try:
            contained.run(_raising(error), 0, 0, 0)
        except BaseException as caught:  # noqa: BLE001
            assert caught is error
        else:
            raise AssertionError("it was contained")
