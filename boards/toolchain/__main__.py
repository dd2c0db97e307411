"""Sets up this checkout: PYTHONPATH=boards python3 -m toolchain [firmware BOARD|emulator|lab|mutation]"""

from __future__ import annotations

import sys
from pathlib import Path

from . import emulator, interpreters, lab, mutation, steps, venv
from .images import image
from .machine import Machine


def main() -> int:
    if sys.version_info < (3, 11):
        this = f"{sys.executable} is {sys.version.split()[0]}"
        return _fail(f"Python 3.11 or newer is needed; {this}. Name another: make setup PYTHON=python3.11")
    place = steps.Place(Path(__file__).resolve().parents[2])
    if any(letter.isspace() for letter in str(place.root)):
        return _fail(f"MicroPython's makefiles can't work below a folder with a space in its name: move {place.root}")
    try:
        with steps.alone(place):
            if sys.argv[1:2] == ["firmware"]:
                folder = image.set_up(place, Machine(), sys.argv[2] if len(sys.argv) > 2 else "")
                steps.say(f"ready: {image.summary(folder)}")
                return 0
            if sys.argv[1:2] == ["emulator"]:
                steps.say(f"ready: {emulator.set_up(place, Machine()).relative_to(place.root)}")
                return 0
            if sys.argv[1:2] == ["lab"]:
                steps.say(f"ready: {lab.set_up(place, Machine()).relative_to(place.root)}")
                return 0
            if sys.argv[1:2] == ["mutation"]:
                steps.say(f"ready: {mutation.set_up(place, Machine()).relative_to(place.root)}")
                return 0
            programs = set_up(place, Machine())
    except steps.Trouble as trouble:
        return _fail(str(trouble))
    except OSError as error:
        return _fail(f"{error}. Mend that, then run the same command again.")
    except KeyboardInterrupt:
        print("\nsetup: interrupted; run it again and it goes on from the last finished step", file=sys.stderr)
        return 130
    steps.say(f"ready: {programs['kind']} MicroPython {programs['version']}")
    return 0


def set_up(place: steps.Place, machine: Machine) -> dict[str, object]:
    programs = interpreters.set_up(place, machine)
    venv.set_up(place, machine)
    return programs


def _fail(text: str) -> int:
    print(f"setup: FAILED: {text}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
