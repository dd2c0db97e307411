"""Whole-number arithmetic of the world: volumes, fractions, decay, sine, noise."""
