"""The machines that the bench tests can run on; each says what it can do and makes a bench of itself."""

from targets import emulated, pico, unix

# Name on the command line: module with SLOW, CAPABILITIES (words) and start(where, seed, settings) -> bench.Bench.
TARGETS = {"unix": unix, "emulated": emulated, "pico": pico}
