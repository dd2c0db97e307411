"""Where the fluid is.

    reservoir.py  the reservoir, and what comes when it is empty or its outlet is closed
    line.py       tube and catheter: compliance, resistance, leak, occlusion
    air.py        bubbles on their way through the line
    vessel.py     pressure of the vessel and of the air around: pulse, breathing, posture, ambient drift
"""
