"""Figures of round trips over a pty."""
