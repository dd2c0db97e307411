"""What a body, a worn line, a cheap sensor and a simple drive do to the pump. All of it is off by default.

    body.py       wraps the vessel: everything of this folder that acts on the vessel or around the body
    heart.py      beats: variability, ectopic beats, pauses, atrial fibrillation, dicrotic notch
    waves.py      breathing, Mayer waves, strain and cough
    course.py     slow courses of a pressure: handgrip, fainting, posture, bath, elevator, cabin
    walking.py    what walking does to the sensor
    hard_line.py  a line with a kink, a closed sac, a tip that opens at a pressure, or a wall that follows slowly
    wall.py       the wall of the tube: two slow parts, and stiffer with pressure
    rough.py      noise and missing answers of a pressure sensor
    stage.py      stiction, slack, detents and ripple of a drive
    day.py        the schedule of a day: timed actions, drawn from a seed

The sources of all figures are in docs/body.md.
"""
