"""The targets of the bench tests. Each names its capabilities and starts a Bench.

    unix.py      the firmware on the Pico-sized unix build, in one process with the world
    emulated.py  the release image in an emulated Pico
    pico.py      a real Pico at a serial port, with or without a rig
"""

from pumpctl.testing.targets import emulated, pico, unix

# Name on the command line: module with CAPABILITIES (all words that it can have), capabilities(where), is_slow(where),
# check(where, checkout), start(where, seed, settings, checkout) -> Bench, and image(bench, checkout).
TARGETS = {"unix": unix, "emulated": emulated, "pico": pico}
