"""Drivers of real parts, one part a file; they have no policy. Contracts: pump/hal.py.

chip      parts of the Pico itself: clock, flash, links, supply, temperature, button, annunciator, watchdog
motion    drives (stepper, valves) and motor drivers
sensors   pressure, flow, level, step counter

A file is named for its part first and the chip second. `_`-named files are shared within their folder.
"""
