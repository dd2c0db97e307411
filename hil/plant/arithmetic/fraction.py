"""A share of a whole, counted in 2^-15, so that its product with any small number stays within 30 bits."""

WHOLE = 32768


def of(amount: int, share: int) -> int:
    """`share` (0..WHOLE) of the amount, rounded down."""
    return (amount >> 15) * share + ((amount & 32767) * share >> 15)
