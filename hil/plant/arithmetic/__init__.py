"""Whole-number arithmetic of the world.

    volume.py    a volume as a pair of uL and pL
    fraction.py  fractions in units of 2^-15
    decay.py     exp(-t / tau) by a table
    sine.py      sine, and how a first-order line damps and delays it
    noise.py     seeded random numbers
"""
