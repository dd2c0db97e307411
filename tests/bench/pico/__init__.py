"""Figures of the release image on the emulated Pico."""
