"""Fractions in units of 2^-15, so that a product with a number below 2^30 stays within 30 bits."""

WHOLE = 32768


def of(amount: int, fraction: int) -> int:
    """This fraction (0..WHOLE) of the amount, rounded down."""
    return (amount >> 15) * fraction + ((amount & 32767) * fraction >> 15)
