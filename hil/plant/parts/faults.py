"""The faults of a part: the same eight words for every part."""

WORKS = 0
OFF = 1  # no answer
STUCK = 2
GARBAGE = 3
WRONG = 4
SLOW = 5
DELAYED = 6
INTERMITTENT = 7
GLITCHES = 8  # of a sensor: garbage in every nth reading; the action is the sensor's name and "_glitches"
ROUGH = 9  # of the pressure sensor: what body.rough does to it; the sensor works again after another fault

# The action that sets a fault is the part's name, "_" and one of these: pressure_off.
WORDS = ("works", "off", "stuck", "garbage", "wrong", "slow", "delayed", "intermittent")


class PartOff(Exception):
    """The part does not answer; `args[0]` is its name."""
