"""The targets of the bench tests. Each names its capabilities and starts a Bench.

    unix.py      the firmware on the Pico-sized unix build, in one process with the world
    emulated.py  the release image in an emulated Pico
    pico.py      a real Pico at a serial port, with or without a rig
"""

from targets import emulated, pico, unix

# Name on the command line: module with SLOW, CAPABILITIES (words) and start(where, seed, settings) -> bench.Bench.
TARGETS = {"unix": unix, "emulated": emulated, "pico": pico}
