"""Measurements of a pump on a bench: pump, balance and line together, each run recorded in a session's file."""
