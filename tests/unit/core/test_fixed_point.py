"""Counts to units in small integers: exact to a few millionths, at the limits and below zero."""

from pump.core import fixed_point

_SMALL = 1 << 30


def test_values_are_right_to_8_millionths_and_one():
    for numerator, denominator in (
        (172369, 13421772), (413685, 13421772), (6895, 3355444), (103421, 13107), (20000, 16777215), (5000, 3),
        (100000, 3), (40000000, 1048560), (40000000, 200000), (20000000, 800000), (1, 1), (1000, 300), (1000000, 780),
    ):  # fmt: skip
        part = fixed_point.Scale(numerator, denominator)
        count = -0x800000
        while count < 0x1000000:
            exact = count * numerator // denominator
            if abs(exact) < _SMALL // 2:
                assert abs(part.of(count) - exact) <= 1 + abs(exact) * 8 // 1000000, (numerator, denominator, count)
            count += 99991


def test_zero_is_zero():
    assert fixed_point.Scale(172369, 13421772).of(0) == 0


def test_no_product_leaves_the_small_integers():
    for numerator, denominator in ((172369, 13421772), (413685, 13421772), (40000000, 1048560), (20000, 16777215)):
        part = fixed_point.Scale(numerator, denominator)
        for count in (0xFFFFFF, -0x800000):
            assert abs((count >> part._half) * part._factor) + (part._mask * part._factor >> part._half) < 2 * _SMALL
