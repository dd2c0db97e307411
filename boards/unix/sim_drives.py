"""The simulated drives and their stroke counters, which implement the contracts of pump.hal."""

import sim_parts
from plant.parts import faults, valves
from pump import defs, hal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plant import world

_CYCLE_PL = 250000  # volume of the chamber


class Stepper:
    """A stepper; the world adds the errors of its motions.

    The action `drive_reset` resets the driver: it loses its settings, and reports that when it is asked, right before
    the next motion. The microsteps that it then has by its pins are the same ones (boards/rpi_pico/wiring.md).
    """

    DEFAULTS: "dict[int, int]" = {}  # see hal.Board
    cycle_ms = 0

    def __init__(self, world: "world.World") -> None:
        self._start = world.start_stroke
        self._was_reset = False
        self.actions = {"drive_reset": self._reset}
        self.steps_done = world.steps_done
        self.stop = world.stop_motion

    def start(self, steps: int, interval_us: int) -> None:
        """Begins a motion, negative for a reverse; PartError without an answer, or when the settings are lost."""
        if self._was_reset:
            raise hal.PartError(defs.FAULT_FAULT)
        try:
            self._start(steps, interval_us)
        except faults.PartOff:
            raise hal.PartError(defs.FAULT_NO_ANSWER)

    def check(self) -> None:
        """Writes the driver's settings."""
        self._was_reset = False

    def _reset(self, _: int) -> None:
        self._was_reset = True


class Valves:
    """Inlet, chamber and outlet, all closed at rest; a stroke is one cycle, which the sense lines must confirm."""

    WORLD = {"drive_kind": 1, "pl_per_step": _CYCLE_PL}  # settings of a world with valves
    DEFAULTS = {
        defs.PARAM_STEPS_PER_STROKE: 1,
        defs.PARAM_PL_PER_STEP: _CYCLE_PL,
        defs.PARAM_BACKLASH_STEPS: 0,
    }
    cycle_ms = valves.CYCLE_MS + 1

    def __init__(self, world: "world.World") -> None:
        self._world = world
        self._done = 0
        self.moving = False
        self._stuck = False

    def start(self, steps: int, interval_us: int) -> None:
        """One cycle, backwards for -1."""
        if steps != 1 and steps != -1:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        self.cycle(steps < 0)

    def cycle(self, reverse: bool = False) -> None:
        """Begins a cycle; a reverse cycle takes one chamber volume back from the line.

        PartError STUCK if a valve was in the wrong position in the last cycle, or is open now.
        """
        self.steps_done()
        if self.moving:
            raise hal.PartError(defs.FAULT_BUSY)
        self.check()
        try:
            self._world.start_cycle(reverse)
        except faults.PartOff:
            raise hal.PartError(defs.FAULT_NO_ANSWER)
        self._done = 0
        self.moving = True

    def steps_done(self) -> int:
        """1 when the present or last cycle is complete and the sense lines have confirmed each of its phases."""
        if self.moving and self._world.cycles_done():
            self.moving = False
            if self._world.sense_wrong():
                self._stuck = True
            else:
                self._done = 1
        return self._done

    def stop(self) -> None:
        """Closes all valves at once; an unfinished cycle does not count as delivered."""
        self.steps_done()
        self._world.stop_motion()
        self.moving = False

    def check(self) -> None:
        """PartError STUCK when a cycle has shown a stuck valve, or a valve is open at rest."""
        if self._stuck or self._world.sense():
            raise hal.PartError(defs.FAULT_STUCK)


class StepCounter(sim_parts.Part):
    """Counts pulses on the STEP line, or openings of the outlet valve by its sense line."""

    def __init__(self, world: "world.World") -> None:
        super().__init__(world.read_steps)

    count = sim_parts.Part.value  # modulo 2^30


class ValveCounter(StepCounter):
    """As StepCounter; PartError STUCK while a valve is open at rest, because that flow can't be counted."""

    def __init__(self, world: "world.World", valves: Valves) -> None:
        super().__init__(world)
        self._sense = world.sense
        self._valves = valves

    def count(self) -> int:
        count = super().count()
        self._valves.steps_done()
        if not self._valves.moving and self._sense():
            raise hal.PartError(defs.FAULT_STUCK)
        return count

    def check(self) -> None:
        """PartError as for `count`."""
        self.count()
