"""The world of hil/plant as a child process of the emulator: requests come over one pipe, answers go over another.

    m <ms> <steps> <interval us>   a motion begins; negative steps go in reverse
    c <ms> <steps>                 the motion goes on for this many more steps
    p <ms> · l <ms>                pressure in Pa, level in nL; x when the sensor is off
    do <ms> <action> [number] · truth <ms>   answered in JSON

Milliseconds are the device's since power-on. Only p, l, do and truth are answered.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from plant import actions, world

_LONGEST_MS = 600_000


class SteppedWorld(world.World):
    """A world whose motions are given step by step, as counted on a pin."""

    def __init__(self, config: dict[str, int], seed: int) -> None:
        super().__init__(config, seed)
        actions.of_pins(self.actions)
        self.now_ms = 0

    def until(self, ms: int) -> None:
        """Lets time pass up to a device time; does nothing if that has passed already."""
        while self.now_ms < ms:
            span_ms = min(_LONGEST_MS, ms - self.now_ms)
            self.advance(span_ms)
            self.now_ms += span_ms

    def lengthen(self, steps: int) -> None:
        """Adds steps to the present motion, or continues the last one."""
        self._catch_up()
        self._drive.lengthen(steps)


def answer(the_world: SteppedWorld, words: list[str]) -> str | None:
    """Executes one line; returns the answer, or None where there is none."""
    the_world.until(int(words[1]))
    word = words[0]
    if word == "m":
        the_world.start_stroke(int(words[2]), int(words[3]))
        return None
    if word == "c":
        the_world.lengthen(int(words[2]))
        return None
    if word == "truth":
        return json.dumps(the_world.truth())
    try:
        if word == "p":
            return str(the_world.read_pressure_pa())
        if word == "l":
            return str(the_world.read_level_nl())
        the_world.do(words[2], int(words[3]) if len(words) > 3 else 0)
    except world.PartOff:
        return "x"
    except ValueError as error:
        return json.dumps({"error": str(error)})
    return json.dumps({"ok": True})


def main() -> None:
    """world_child.py <pipe in> <pipe out> <seed> [name=value ...]"""
    settings = {name: int(value) for name, _, value in (text.partition("=") for text in sys.argv[4:])}
    with open(sys.argv[1], encoding="ascii") as lines, open(sys.argv[2], "w", encoding="ascii") as out:
        try:
            the_world = SteppedWorld(settings, int(sys.argv[3]))
        except ValueError as error:
            print(json.dumps({"error": str(error)}), file=out, flush=True)
            return
        print(json.dumps({"ok": True}), file=out, flush=True)
        for line in lines:
            reply = answer(the_world, line.split())
            if reply is not None:
                out.write(reply + "\n")
                out.flush()


main()
