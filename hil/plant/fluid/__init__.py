"""The fluid and the volumes that hold it.

    reservoir.py  the reservoir, also empty or with a closed outlet
    line.py       tube and catheter: compliance, resistance, leak, occlusion
    air.py        air bubbles that move through the line
    vessel.py     pressure of the vessel, and ambient pressure: pulse, breathing, posture, drift
"""
