"""How many strokes a dose is worth, worked out beside the firmware."""

try:
    from fractions import Fraction
except ImportError:  # MicroPython
    Fraction = None


def strokes_due(parts, stroke_pl=250000):
    """Floor of the volume of [(uL/day, ms), ...] in strokes; where there are fractions, worked out a second way."""
    due = sum(ul_day * span_ms for ul_day, span_ms in parts) * 10 // (stroke_pl * 864)
    if Fraction is not None:
        exact_pl = sum(Fraction(ul_day * 1000000 * span_ms, 86400000) for ul_day, span_ms in parts)
        assert due == exact_pl // stroke_pl
    return due
