"""Options of the simulated pump, from the command line of main.py."""

import sys

USAGE = """usage: micropython boards/unix/main.py [options]
  --time WHAT        what moves time: host ("run <ms>" of the bench), turns (for boards/web), or wall; default host
  --speed N          simulated seconds per second of the wall clock; default 1
  --link-fd N        descriptor of the serial link, for wall time
  --seed N           seed of the world; default 1
  --set NAME=VALUE   a setting of the world (hil/plant/settings.py); may be repeated
  --drive NAME       stepper or valves; default stepper
  --flow yes|no      whether a flow sensor is fitted; default no
  --flash FILE       file for the journal's flash, kept after the program ends; default: in memory
  --keys yes|no      whether commands need a paired host from the start; default no
  --wake-ms N        wake the loop at least this often; default only when something is due
"""

given = getattr(sys, "argv", [""])[1:]  # a program without a command line sets this before it imports the board
_YES_NO = ("yes", "no")
_WORDS = {"--time": ("host", "turns", "wall"), "--drive": ("stepper", "valves"), "--flow": _YES_NO, "--keys": _YES_NO}


class Options:
    """time ("host", "turns" or "wall"), drive ("stepper" or "valves"), flow and keys ("yes" or "no"), speed, link_fd
    (-1 for none), seed, settings, flash ("" for memory), wake_ms (0 for only when due)."""

    def __init__(self) -> None:
        self.time = "host"
        self.drive = "stepper"
        self.flow = "no"
        self.keys = "no"
        self.speed = 1
        self.link_fd = -1
        self.seed = 1
        self.settings: dict[str, int] = {}
        self.flash = ""
        self.wake_ms = 0


def parse(arguments: "list[str]") -> Options:
    """Parses the options; an invalid one ends the program with one sentence and exit code 2."""
    options = Options()
    at = 0
    while at < len(arguments):
        name = arguments[at]
        value = arguments[at + 1] if at + 1 < len(arguments) else ""
        if value in _WORDS.get(name, ()):
            setattr(options, name[2:], value)
        elif name in ("--speed", "--link-fd", "--seed", "--wake-ms") and value.isdigit():
            setattr(options, name[2:].replace("-", "_"), int(value))
        elif name == "--flash" and value:
            options.flash = value
        elif name == "--set" and _is_setting(value):
            key, number = value.split("=", 1)
            options.settings[key] = int(number)
        else:
            print("option %s with value '%s' is not understood\n%s" % (name, value, USAGE), file=sys.stderr)
            sys.exit(2)
        at += 2
    return options


def _is_setting(text: str) -> bool:
    key, equals, number = text.partition("=")
    return bool(key and equals) and (number[1:] if number.startswith("-") else number).isdigit()
