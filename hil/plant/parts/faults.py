"""What can be wrong with a part of the pump: the same eight words for every part."""

WORKS = 0
OFF = 1  # it does not answer
STUCK = 2
GARBAGE = 3
WRONG = 4
SLOW = 5
DELAYED = 6
INTERMITTENT = 7

# An action of the world is the part's name, "_" and one of these.
WORDS = ("works", "off", "stuck", "garbage", "wrong", "slow", "delayed", "intermittent")


class PartOff(Exception):
    """The part does not answer; `args[0]` is its name."""
