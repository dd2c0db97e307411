"""Figures of measurements by weight."""
