"""The account of strokes: each is counted once in every total, during delivery and after a reset."""

import dose_rig
from pump.dose import stroke_account

REQUIREMENTS = ("L2",)


def _make():
    reservoir, plan = dose_rig.Reservoir(), dose_rig.Plan()
    return stroke_account.StrokeAccount(reservoir, plan), reservoir, plan


def _pl(volume):
    return volume.ul * 1000000 + volume.pl


def test_a_stroke_counts_in_every_place_and_a_prime_is_no_dose():
    account, reservoir, plan = _make()
    account.book(250000, True)
    account.book(400000, True)
    account.book(900000, False)
    assert (account.strokes, _pl(account.delivered), _pl(account.primed)) == (2, 650000, 900000)
    assert (reservoir.taken_pl, plan.took_pl) == (1550000, 650000)


def test_its_numbers_are_saved_in_their_places_and_loaded():
    account, _, _ = _make()
    account.strokes = 11
    account.delivered.ul, account.delivered.pl = 12, 13
    account.primed.ul, account.primed.pl = 14, 15
    for at in (0, 3):
        numbers = [-1] * 20
        assert account.save_to(numbers, at) == at + 5
        assert numbers == [-1] * at + [11, 12, 13, 14, 15] + [-1] * (15 - at)
        other, _, _ = _make()
        assert other.load_from(numbers, at) == at + 5
        assert (other.strokes, _pl(other.delivered), _pl(other.primed)) == (11, 12000013, 14000015)


def test_strokes_found_after_a_reset_are_added_to_those_before():
    account, reservoir, plan = _make()
    for turn in range(1, 4):
        account.book_since(2, 3700000, True)
        account.book_since(5, 1400000, False)
        assert account.strokes == 2 * turn
        assert (_pl(account.delivered), _pl(account.primed)) == (3700000 * turn, 1400000 * turn)
        assert account.delivered.pl < 1000000 and account.primed.pl < 1000000
        assert (reservoir.taken_pl, plan.took_pl) == (5100000 * turn, 3700000 * turn)


def test_every_picolitre_of_strokes_that_do_not_divide_evenly_is_accounted():
    account, reservoir, plan = _make()
    account.book_since(3, 1000001, True)
    assert (_pl(account.delivered), reservoir.taken_pl, plan.took_pl) == (1000001, 1000001, 1000001)
