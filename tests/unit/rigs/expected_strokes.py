"""The number of strokes of a dose, computed independently of the firmware."""

try:
    from fractions import Fraction
except ImportError:  # MicroPython
    Fraction = None


def strokes_due(parts, stroke_pl=250000):
    """The volume of [(uL/day, ms), ...] in whole strokes; where the interpreter has fractions, computed in two ways."""
    due = sum(ul_day * span_ms for ul_day, span_ms in parts) * 10 // (stroke_pl * 864)
    if Fraction is not None:
        exact_pl = sum(Fraction(ul_day * 1000000 * span_ms, 86400000) for ul_day, span_ms in parts)
        assert due == exact_pl // stroke_pl
    return due
