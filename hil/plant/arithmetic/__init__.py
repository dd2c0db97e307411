"""Whole-number arithmetic of the world.

    volume.py    volumes as pairs of uL and pL
    fraction.py  fractions in units of 2^-15
    decay.py     exp(-t / tau) from a table
    sine.py      sine, and how a first-order line damps and delays it
    noise.py     seeded random numbers
"""
