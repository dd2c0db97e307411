"""The simulated world of a very-low-flow pump, in whole numbers. Start at `world.World`.

    world.py          the interface for pump and tests: motions, sensor readings, actions, ground truth
    timeline.py       how time passes: from one event to the next, through drive, line, vessel and reservoir
    actions.py        the actions that `do` takes: block, leak, drain, pressure_off, ...
    truth.py          the ground truth as names and numbers
    settings.py       every setting with its default and its limits
    reference_run.py  a fixed run, whose printed lines are compared between interpreters
    fluid/            reservoir, line, air bubbles, vessel
    body/             off by default: a busy body, a hard line, a poor sensor, a worn drive
    parts/            drive, valves, stroke counter, sensors, flash, and their faults
    arithmetic/       volumes, fractions, decay, sine, random numbers, all within 30 bits
"""
