"""The pressure in the line: samples around each stroke, what they say, and what is done about an occlusion.

    monitor         measurement windows around a stroke
    findings        what they show, as conditions; what an acknowledgement clears
    pressure_input  reads the sensor: plausible or not, the absolute limit
    stroke_rise     the pressures around a stroke, and the rise per stroke
    direction       whether the strokes go forward
    detector        decides once a stroke whether the line is occluded
    staircase       strokes that stay in the line
    retention       what a stroke leaves halfway to the next one, and whether the line still drains as it used to
    baseline        the level of the open line; leaps of it
    line_state      open, partial or upstream occlusion, air, sensor stuck or lagging
    pressure_trace  the samples of the last strokes, frozen at an alarm
    relief          takes back what an occlusion has retained
    response        relief and automatic restart after the alarm
"""
