"""Drives: the stepper with its motor drivers, and the valves."""
