"""A whole pump in this process: the firmware's own main loop with the simulated parts of boards/unix. Waits take no
real time.

Runs on CPython and MicroPython.
"""

import sim_annunciator
import sim_clock
import sim_drives
import sim_memory
import sim_parts
import sim_power
import sim_watchdog
from drivers.chip import annunciator_gpio
from plant import world as plant_world
from plant.parts import flash
from pump import app, defs

from campaign import parts

STROKE_PL = 250000
MS_PER_DAY = 86400000
_CIRCLE = 0x3FFFFFFF
_FLASH_BLOCKS = 64
_WATCHDOG_MS = 8000

# A drive without error, so that account and world can be compared to the picolitre.
EXACT_DRIVE = {"drive_error_ppm": 0, "drive_drift_ppm_day": 0, "drive_random_ppm": 0}


class Over(BaseException):
    """The scenario has ended. Not an Exception, so that no handler of errors catches it."""


class Clock:
    """Simulated time: a wait advances it, at most to the scenario's next action; `after_step` is called every step."""

    def __init__(self, world: "plant_world.World", wire: parts.Wire, wake_ms: int) -> None:
        self._advance = world.advance
        self._wire = wire
        self._wake_ms = wake_ms
        self.left_ms = 0
        self.t_ms = 0
        self.now = sim_clock.START
        self._arrivals = sim_clock.Arrivals()
        self.after_step: "callable"
        self.go_on: "callable"  # the scenario; returns the milliseconds until its next action

    def ticks_ms(self) -> int:
        return self.now

    def wait_ms(self, span_ms: int) -> None:
        self.after_step()
        if span_ms == 0:
            return
        if self._arrivals.end_wait(len(self._wire.inbox)):
            return
        while self.left_ms == 0:
            self.left_ms = self.go_on()
            if self._wire.inbox:
                self._arrivals.come()
                return
        if span_ms > self.left_ms:
            span_ms = self.left_ms
        if span_ms > self._wake_ms > 0:
            span_ms = self._wake_ms
        self.left_ms -= span_ms
        self.pass_unseen(span_ms)

    def pass_unseen(self, span_ms: int) -> None:
        """Lets time pass in which the pump does nothing."""
        self.t_ms += span_ms
        self.now = self.now + span_ms & _CIRCLE
        self._advance(span_ms)


def _drive_and_counter(world: "plant_world.World", valves: bool) -> "tuple[object, object]":
    if not valves:
        stepper = sim_drives.Stepper(world)
        world.actions.update(stepper.actions)
        return stepper, sim_drives.StepCounter(world)
    drive = sim_drives.Valves(world)
    return drive, sim_drives.ValveCounter(world, drive)


class Board:
    """The parts, by the contracts of pump.hal; built again at every power-on, with the same world and clock."""

    NAME = "campaign"
    IMAGE = "sources"
    UNIQUE_ID = "campaign"
    KEYS_REQUIRED = False
    keys = None

    def __init__(self, simulator: "Simulator") -> None:
        world = simulator.world
        self.clock = clock = simulator.clock
        self.link = simulator.link
        self.drive, self.step_counter = _drive_and_counter(world, simulator.valves)
        self.REVERSES = True
        self.DEFAULTS = self.drive.DEFAULTS
        self.pressure = sim_parts.Pressure(world)
        self.level = sim_parts.Level(world)
        self.flow = None
        self.supply = sim_parts.Supply(world, simulator.power)
        self.temperature = sim_parts.Temperature(world)
        self.outputs = sim_annunciator.Outputs(clock.ticks_ms)
        self.annunciator = parts.StillAnnunciator()
        if simulator.blinks:
            self.annunciator = annunciator_gpio.Annunciator(self.outputs.red, self.outputs.yellow, self.outputs.tone)
        self.button = sim_parts.Button()
        self.store = simulator.store
        self.watchdog = sim_watchdog.Watchdog(clock.ticks_ms)
        self.cells = simulator.cells
        self.program = simulator.program
        self.second_clock = simulator.second_clock
        self._power = simulator.power
        self.errors = []
        self.PARTS = self._tested_parts()

    def _tested_parts(self) -> "tuple[tuple[int, object], ...]":
        """The parts that the power-on test checks, in its order."""
        return (
            (defs.PART_STORE, self.store),
            (defs.PART_SUPPLY, self.supply),
            (defs.PART_TEMPERATURE, self.temperature),
            (defs.PART_DRIVE, self.drive),
            (defs.PART_STEP_COUNTER, self.step_counter),
            (defs.PART_PRESSURE, self.pressure),
            (defs.PART_LEVEL, self.level),
            (defs.PART_BUTTON, self.button),
            (defs.PART_ANNUNCIATOR, self.annunciator),
        )

    def reset(self) -> None:
        """Resets the processor; raises one of sim_power.RESTARTS."""
        self._power.reset_now(defs.RESET_REQUEST)

    def report(self, error: Exception) -> None:
        """Stores an unexpected error for the oracle."""
        self.errors.append("%s %s" % (type(error).__name__, error))


class Simulator:
    """World, link and time, which outlast the pump; `run` switches it on and off until the scenario is over.

    With `wake_ms` no wait of the main loop is longer than that.
    """

    def __init__(self, scenario: "dict[str, object]", wake_ms: int) -> None:
        seed = scenario["seed"]
        self.valves = scenario["drive"] == "valves"
        self.blinks = scenario["blinks"]
        full = dict(EXACT_DRIVE)
        full.update(scenario["settings"])
        if self.valves:
            full.update(sim_drives.Valves.WORLD)
        self.world = plant_world.World(full, seed)
        self.wire = parts.Wire()
        self.link = parts.Link(self.wire, seed)
        self.clock = Clock(self.world, self.wire, wake_ms)
        self.cells = sim_memory.Cells()
        self.program = sim_memory.Program()
        self.second_clock = sim_memory.SecondClock(self.clock.ticks_ms)
        self.store = parts.Chip(_FLASH_BLOCKS, seed)
        self.power = sim_power.Power(self.store)
        for part in (self.power, self.link, self.cells, self.program, self.second_clock):
            self.world.actions.update(part.actions)
        self.torn = False  # whether the last power cut interrupted a flash operation
        self.causes = []  # of the power-ons since `begun` was called last: one may be cut before that
        self._again = 0
        self.board: Board
        self.app: app.App

    def cut(self, tear: int, operations: int, again: int) -> None:
        """Power fails after this many more flash operations; with `again` also in that operation of the restart."""
        self.store.cut(operations, tear)
        self._again = again

    def hang(self) -> None:
        """The program hangs until the watchdog resets the processor; the motion under way goes on to its end."""
        self.clock.pass_unseen(_WATCHDOG_MS)
        self.world.do("watchdog_reset")

    def run(self, begun: "callable") -> None:
        """Runs until the scenario is over; calls `begun` after each power-on, before the first step."""
        while True:
            try:
                self.world.stop_motion()
                self.wire.inbox = bytearray()
                self.causes.append(self.power.cause)
                self.board = Board(self)
                self.app = app.App(self.board)
                begun()
                self.causes = []
                self.app.run()
            except sim_power.RESTARTS as lost:
                self._lose_power(isinstance(lost, flash.PowerCut))
            except Over:
                return

    def _lose_power(self, torn: bool) -> None:
        self.torn = torn
        self.power.begin(torn)
        if torn and self._again:
            self.store.cut(self._again - 1, self._again % len(flash.TEARS))
            self._again = 0
