"""A volume in uL and pL: exact at every carry, below zero too, and within the small integers."""

from pump.core import volume


def test_each_carry_is_exact():
    total, pl = volume.Volume(), 0
    for step in (0, 1, 999999, 1, 1000000, 250000, 1000000000, -1, -999999, -1250001, -1000000000, -250000):
        total.add(step)
        pl += step
        assert 0 <= total.pl < 1000000 and total.ul * 1000000 + total.pl == pl


def test_below_zero_the_microlitres_are_negative():
    total = volume.Volume()
    total.add(-1)
    assert (total.ul, total.pl) == (-1, 999999)
    total.clear()
    assert (total.ul, total.pl) == (0, 0)


def test_nanolitres_go_in_and_come_out_rounded_down():
    total = volume.Volume()
    total.set_nl(16000999)
    assert (total.ul, total.pl, total.nl()) == (16000, 999000, 16000999)
    total.add(-1)
    assert total.nl() == 16000998
