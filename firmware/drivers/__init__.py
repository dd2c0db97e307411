"""Drivers of real parts, one file for each part. They implement the contracts of pump/hal.py and contain no policy.

chip      parts of the Pico itself: clock, flash, links, supply, temperature, button, annunciator, watchdog
motion    drives (stepper, valves) and motor drivers
sensors   pressure, flow, level, step counter

A file is named after its part first and the chip second. Files whose name begins with `_` are shared within the folder.
"""
