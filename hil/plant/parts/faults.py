"""The faults of a part: the same eight words for every part."""

WORKS = 0
OFF = 1  # no answer
STUCK = 2
GARBAGE = 3
WRONG = 4
SLOW = 5
DELAYED = 6
INTERMITTENT = 7
# Faults of every nth exchange only, where n is the action's number; the action is the part's name, "_" and the word.
GLITCHES = 8  # of a sensor: garbage
FLIPS = 9  # one bit is inverted on its way; a part with a checksum gives no answer then
LATE = 10  # the answer comes too late
EVERY_NTH = {GLITCHES: "glitches", FLIPS: "flips", LATE: "late"}
ROUGH = 11  # of the pressure sensor: what body.rough does to it; the sensor works again after another fault
OPEN = 12  # of a sensor with a voltage: a broken wire; the action is the sensor's name and "_open"

# The action that sets a fault is the part's name, "_" and one of these: pressure_off.
WORDS = ("works", "off", "stuck", "garbage", "wrong", "slow", "delayed", "intermittent")


class PartOff(Exception):
    """The part does not answer; `args[0]` is its name."""


class PartOpen(PartOff):
    """Its wire is broken: the input has no signal, and the resistor to ground at it (wiring.md) brings it to 0 V."""
