"""Measurements of delivery by weight, as in IEC 60601-2-24: weights, analysis, limits, reports; no pump, no balance."""
