"""Fake parts of a board, by the contracts of pump.hal; each can fail, and none allocates in a control step."""

import binascii

import sensor_fakes
from pump import defs, hal
from pump.core import ticks

START = ticks.add(0, -5000)  # five seconds before the wrap
PL_PER_STEP = 2500


class Clock:
    """Time passes only in waits. With bytes on the link a wait ends after 1 ms."""

    def __init__(self, link, start=START):
        self.now = start
        self._link = link

    def ticks_ms(self):
        return self.now

    def wait_ms(self, span_ms):
        if span_ms and self._link.wakes():
            span_ms = 1
        self.now = ticks.add(self.now, span_ms)


class Drive:
    """A stepper with exact times. Faults: `refuses`, `breaks` at the start, `stuck` (no step), `lost` (fails later).

    `disturbed_starts`: number of starts whose exchange with the driver is disturbed.
    """

    cycle_ms = 0

    def __init__(self, clock):
        self._clock = clock
        self._error = hal.PartError(defs.FAULT_FAULT)
        self._steps = 0
        self._interval_us = 1
        self._began = 0
        self._held = 0
        self._moving = False
        self._back = False
        self.refuses = self.breaks = self.stuck = self.lost = self.unfit = False
        self.not_ready = 0  # number of calls
        self.disturbed_starts = 0
        self.strokes = 0  # motions in both directions
        self.net = 0  # forward less reverse motions
        self.stops = 0
        self.total = 0  # net steps of all motions except the present one
        self.edges = 0  # their steps in both directions, as counted on the STEP line
        self.times = None  # a list here collects the start of each stroke

    def start(self, steps, interval_us):
        if self.disturbed_starts:
            self.disturbed_starts -= 1
            raise hal.PartError(defs.FAULT_BAD_CHECKSUM)
        if self.refuses:
            raise self._error
        if self.breaks:
            raise OSError(5)
        done = self.steps_done()
        assert done == self._steps or not self._moving
        self.total += -done if self._back else done
        self.edges += done
        self._back = steps < 0
        self._steps, self._interval_us = abs(steps), interval_us
        self._began = self._clock.now
        self._moving = True
        self.strokes += 1
        self.net += -1 if self._back else 1
        if self.times is not None:
            self.times.append(self._clock.now)

    def steps_done(self):
        if self.lost:
            raise OSError(5)
        return self.made()

    def made(self):
        """The true steps of the present or last motion."""
        if not self._moving:
            return self._held
        if self.stuck:
            return 0
        since_ms = min(ticks.diff(self._clock.now, self._began), 1000000)
        return min(self._steps, since_ms * 1000 // self._interval_us)

    def check(self):
        if self.not_ready:
            self.not_ready -= 1
            raise hal.PartError(defs.FAULT_NOT_READY)
        if self.unfit:
            raise hal.PartError(defs.FAULT_NO_PULL_UP)

    def stop(self):
        if self._moving and not self.lost:
            self._held = self.steps_done()
        self._moving = False
        self.stops += 1

    def moving(self):
        return self._moving and self.steps_done() < self._steps

    def settling(self):
        """Whether a forward motion ended less than 0.1 s ago: the line has yet to drain it."""
        motion_ms = self._steps * self._interval_us // 1000
        return self._moving and not self._back and 0 <= ticks.diff(self._clock.now, self._began) < motion_ms + 100

    def moved_nl(self):
        done = self.made()
        return (self.total - done if self._back else self.total + done) * (PL_PER_STEP // 100) // 10


class Annunciator:
    """The last light and sound, as the priority of their patterns, and how often each was set. Fault: `breaks`."""

    def __init__(self):
        self.light = self.tone = 0
        self.shows = self.sounds = self.checks = 0
        self.pattern_ms = -1
        self.plays = self.played = 0  # how often a pattern was continued, and when last
        self.breaks = False

    def show(self, red_ms, yellow_ms):
        self.light = 0
        while defs.PATTERNS[self.light][0] != red_ms or defs.PATTERNS[self.light][1] != yellow_ms:
            self.light += 1
        self.shows += 1
        if self.breaks:
            raise OSError(5)

    def sound(self, spans_ms):
        self.tone = 0
        while defs.PATTERNS[self.tone][2] != spans_ms:
            self.tone += 1
        self.sounds += 1

    def run(self, now):
        self.plays += 1
        self.played = now
        return self.pattern_ms

    def check(self):
        self.checks += 1


class Link:
    """`waiting` are bytes for the pump, `sent` those from it; `room` is how many the host still reads, None for all."""

    PAIRS = True

    def __init__(self):
        self.waiting = bytearray()
        self.sent = bytearray()
        self.room = None
        self.breaks = False

    def wakes(self):
        """Whether bytes end a wait. Not while the pump may not write, as it would loop without waiting."""
        return len(self.waiting) > 0 and self.room != 0

    def read_into(self, buffer):
        if self.breaks:
            raise OSError(5)
        count = min(len(buffer), len(self.waiting))
        if count:
            buffer[:count] = self.waiting[:count]
            self.waiting = self.waiting[count:]
        return count

    def write(self, data):
        count = len(data) if self.room is None else min(len(data), self.room)
        if count:
            self.sent.extend(bytes(data[:count]))
        if self.room is not None:
            self.room -= count
        return count


class Watchdog:
    """Records the last feed and the longest gap."""

    def __init__(self, clock):
        self._clock = clock
        self._last = clock.now
        self.tested = None
        self.fed = 0
        self.longest_ms = 0

    def feed(self):
        self.fed += 1
        self.longest_ms = max(self.longest_ms, ticks.diff(self._clock.now, self._last))
        self._last = self._clock.now


class Program:
    """A program that can be changed; its last four bytes are the CRC-32 of the others."""

    def __init__(self, size):
        self.content = bytearray(size)
        for at in range(size - 4):
            self.content[at] = at * 7 & 0xFF
        self.content[-4:] = binascii.crc32(self.content[:-4]).to_bytes(4, "little")
        self.bytes_total = size
        self.slices = []
        self._sum = 0

    def restart(self):
        self._sum = 0

    def add(self, at, count):
        self.slices.append((at, count))
        self._sum = binascii.crc32(self.content[at : at + count], self._sum)

    def half(self, number):
        return ~self._sum >> 16 & 0xFFFF if number else ~self._sum & 0xFFFF


class SecondClock:
    """A second clock that gains `off_ms` with each reading."""

    def __init__(self, clock):
        self._clock = clock
        self.off_ms = 0
        self._sum_ms = 0

    def read_ms(self):
        self._sum_ms += self.off_ms
        return ticks.add(self._clock.now, self._sum_ms)


class Board:
    """The parts by name, and the reported errors; `resets` counts what `reset` was called."""

    NAME = "fake"
    IMAGE = "none"
    UNIQUE_ID = "e660000000000001"
    KEYS_REQUIRED = False

    def __init__(
        self, start=START, flow=None, program=None, store=None, reverses=True, cells=None, reset_cause=None, keys=None,
        **defaults
    ):
        self.REVERSES = reverses
        self.resets = 0
        self.DEFAULTS = {getattr(defs, "PARAM_" + name.upper()): value for name, value in defaults.items()}
        self.link = Link()
        self.clock = Clock(self.link, start)
        self.drive = Drive(self.clock)
        self.pressure = sensor_fakes.Pressure(self.drive)
        self.level = sensor_fakes.Level(self.drive)
        self.annunciator = Annunciator()
        self.watchdog = Watchdog(self.clock)
        self.step_counter = sensor_fakes.StepCounter(self.drive)
        self.flow = flow
        self.supply = sensor_fakes.Supply(5000)
        if reset_cause is not None:
            self.supply.cause = reset_cause
        self.temperature = sensor_fakes.Temperature(2500)
        self.button = sensor_fakes.Button(False)
        self.store = store
        self.keys = keys
        self.cells = bytearray(8) if cells is None else cells
        self.program = program
        self.second_clock = None
        self.PARTS = (
            (defs.PART_SUPPLY, self.supply),
            (defs.PART_TEMPERATURE, self.temperature),
            (defs.PART_DRIVE, self.drive),
            (defs.PART_STEP_COUNTER, self.step_counter),
            (defs.PART_PRESSURE, self.pressure),
            (defs.PART_LEVEL, self.level),
            (defs.PART_ANNUNCIATOR, self.annunciator),
        )
        self.errors = []

    def reset(self):
        self.resets += 1

    def memory_bytes(self):
        return 1000, 2000

    def read_noise(self, buffer):
        """Noise that stands still but is not stuck: what differs from run to run comes from elsewhere."""
        for place in range(len(buffer)):
            buffer[place] = place

    def report(self, error):
        self.errors.append(error)
