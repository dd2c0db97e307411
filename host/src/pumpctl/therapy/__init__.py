"""Therapy plans: their phases, and the files that describe them."""
