"""The simulated hardware.

    pump_head.py  shared by stepper and valves: volume per step or cycle, ageing, faults
    drive.py      the stepper
    valves.py     inlet, chamber and outlet
    counter.py    the stroke counter
    sensors.py    pressure, level, flow, supply and temperature sensors
    flash.py      NOR flash whose power can be cut in any operation
    faults.py     the faults that every part can have
"""
