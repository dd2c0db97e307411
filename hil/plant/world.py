"""The world around the pump: give it time and strokes, read its sensors, do things to it, ask for the truth."""

from plant import drive, line, noise, reservoir, sensors, settings, vessel, volume

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULTS = settings.DEFAULTS
QUIET = settings.QUIET
PartOff = sensors.PartOff

_SLOW_MS = 20000  # weather and ageing are looked at this often; the steepest, ambient, moves 5 Pa meanwhile
_LONGEST_MS = 100000000  # time that may wait to be worked out
_DAY_MS = 86400000
_VACUUM_PA = 90000  # below the vessel; no pump head sucks harder


class World:
    """Time is only noted by `advance`; the world catches up when somebody looks, so sleeping costs nothing.

    Allocates nothing except in the constructor, the verbs and `truth`.
    """

    def __init__(self, config: dict[str, int], seed: int) -> None:
        full = settings.complete(config)
        self._vessel = vessel.Vessel(full, noise.Noise(seed, 0))
        self._line = line.Line(full, self._vessel.slow_pa)
        self._vessel.see_through(self._line.tau_ms)
        self._reservoir = reservoir.Reservoir(full)
        self._drive = drive.Drive(full, noise.Noise(seed, 1))
        self._pressure = sensors.Sensor("pressure", "pa", full, noise.Noise(seed, 2))
        self._level = sensors.Sensor("level", "nl", full, noise.Noise(seed, 3))
        self._pumped = volume.Volume()
        self._most_stored_pl = full["drive_stall_pa"] * full["line_compliance_pl_pa"]
        self._least_stored_pl = -_VACUUM_PA * full["line_compliance_pl_pa"]
        self._behind_ms = 0
        self._slow_ms = 0
        self._days = 0
        self._day_ms = 0
        # What can be done to the world; each takes one whole number, and most ignore it.
        self.verbs: dict[str, Callable[[int], None]] = {
            "block": self.block,
            "unblock": self.unblock,
            "narrow": self.narrow,
            "drain": self.drain,
            "refill": self.refill,
            "pressure_off": lambda _: self._pressure.set_fault(sensors.OFF),
            "pressure_stuck": lambda _: self._pressure.set_fault(sensors.STUCK),
            "pressure_works": lambda _: self._pressure.set_fault(sensors.WORKS),
            "level_off": lambda _: self._level.set_fault(sensors.OFF),
            "level_stuck": lambda _: self._level.set_fault(sensors.STUCK),
            "level_works": lambda _: self._level.set_fault(sensors.WORKS),
            "drive_stuck": lambda _: self._jam(True),
            "drive_works": lambda _: self._jam(False),
        }

    def advance(self, dt_ms: int) -> None:
        """Lets 0..600,000 ms pass."""
        if not 0 <= dt_ms <= 600000:
            raise ValueError("advance takes 0..600000 ms")
        self._behind_ms += dt_ms
        if self._behind_ms > _LONGEST_MS:
            self._catch_up()

    def start_stroke(self, steps: int, interval_us: int) -> None:
        """Starts a motion; negative steps go in reverse. A motion still under way is cut off."""
        if self._behind_ms:
            self._catch_up()
        self._drive.start(steps, interval_us)

    def stop_motion(self) -> None:
        """Stops a motion where it is."""
        if self._behind_ms:
            self._catch_up()
        self._drive.stop()

    def steps_done(self) -> int:
        """Steps done of the present or last motion, positive in either direction."""
        if self._behind_ms:
            self._catch_up()
        return self._drive.steps_done()

    def steps_counted(self) -> int:
        """All pulses the STEP pin ever saw, either direction, on a circle of 2^30."""
        if self._behind_ms:
            self._catch_up()
        return self._drive.counted_steps

    def read_pressure_pa(self) -> int:
        """Line pressure at the pump, as the sensor has it; raises PartOff."""
        if self._behind_ms:
            self._catch_up()
        return self._pressure.read(self._line_pa())

    def read_level_nl(self) -> int:
        """Content of the reservoir, as the sensor has it: may be below 0 or above full; raises PartOff."""
        if self._behind_ms:
            self._catch_up()
        return self._level.read(self._reservoir.content.nl())

    def do(self, verb: str, value: int = 0) -> None:
        """Does one of `verbs`; ValueError for an unknown one."""
        if verb not in self.verbs:
            raise ValueError("unknown verb: " + verb)
        self.verbs[verb](value)

    def block(self, _: int = 0) -> None:
        """Shuts the catheter: what is stored stays, strokes add to it, the vessel is not seen."""
        self._catch_up()
        self._line.block(self._vessel.slow_pa)

    def unblock(self, _: int = 0) -> None:
        """Opens it again; what is stored runs off."""
        self._catch_up()
        self._line.unblock(self._vessel.slow_pa)

    def narrow(self, resistance_percent: int) -> None:
        """Sets the catheter's resistance: 100 is as configured, 200 a half block; 10..100,000."""
        if not 10 <= resistance_percent <= 100000:
            raise ValueError("narrow takes 10..100000 percent")
        self._catch_up()
        self._line.narrow(resistance_percent)
        self._vessel.see_through(self._line.tau_ms)

    def drain(self, volume_nl: int) -> None:
        """Takes this much out of the reservoir, or all there is."""
        self._catch_up()
        self._reservoir.drain(volume_nl)

    def refill(self, volume_nl: int) -> None:
        """The reservoir now holds this much; 0 fills it up."""
        self._catch_up()
        self._reservoir.fill(volume_nl or self._reservoir.capacity_nl)

    def truth(self) -> dict[str, int]:
        """What is so, whatever the sensors say. Allocates; volumes may be big numbers."""
        self._catch_up()
        the_line = self._line
        the_reservoir = self._reservoir
        delivered = the_line.delivered
        return {
            "t_ms": self._days * _DAY_MS + self._day_ms + self._slow_ms,
            "pumped_nl": self._pumped.nl(),
            "pumped_rest_pl": self._pumped.rest_pl(),
            "delivered_nl": delivered.nl(),
            "delivered_rest_pl": delivered.rest_pl(),
            "stored_pl": the_line.stored_pl,
            "line_pressure_pa": self._line_pa(),
            "line_blocked": int(the_line.blocked),
            "line_tau_ms": the_line.tau_ms,
            "vessel_slow_pa": self._vessel.slow_pa,
            "posture_pa": self._vessel.posture_pa,
            "ambient_pa": self._vessel.ambient_pa,
            "pulse_ms": self._vessel.pulse_period_ms,
            "reservoir_nl": the_reservoir.content.nl(),
            "reservoir_rest_pl": the_reservoir.content.rest_pl(),
            "added_nl": the_reservoir.added.nl(),
            "added_rest_pl": the_reservoir.added.rest_pl(),
            "air_nl": the_reservoir.air.nl(),
            "air_rest_pl": the_reservoir.air.rest_pl(),
            "steps_counted": self._drive.counted_steps,
            "steps_idle": self._drive.idle_steps,
            "moving": int(self._drive.moving),
        }

    def _line_pa(self) -> int:
        # A soft line hands the ambient on whether it is blocked or not; pulse and breathing come through the open end.
        the_vessel = self._vessel
        pa = self._line.pressure_pa(the_vessel.slow_pa) + the_vessel.ambient_pa
        return pa if self._line.blocked else pa + the_vessel.swing_pa()

    def _jam(self, stuck: bool) -> None:
        self._catch_up()
        self._drive.stuck = stuck

    def _catch_up(self) -> None:
        behind_ms = self._behind_ms
        self._behind_ms = 0
        the_vessel = self._vessel
        the_line = self._line
        while behind_ms:
            dt_ms = the_vessel.until_ms
            if dt_ms > behind_ms:
                dt_ms = behind_ms
            if self._drive.moving:
                dt_ms = self._move(dt_ms)
            else:
                the_line.relax(dt_ms)
            the_vessel.advance(dt_ms)
            if not the_vessel.until_ms:
                the_line.vessel_stepped(the_vessel.change_posture())
            self._slow_ms += dt_ms
            if self._slow_ms >= _SLOW_MS:
                self._grow_old()
            behind_ms -= dt_ms

    def _move(self, dt_ms: int) -> int:
        """One piece of a motion, up to `dt_ms`; how long it was."""
        the_line = self._line
        the_drive = self._drive
        dt_ms = min(dt_ms, the_drive.piece_ms())
        # The volume goes in at the middle of the piece; with tau / 8 that is right within 0.07 %.
        if not the_line.blocked:
            dt_ms = min(dt_ms, (the_line.tau_ms >> 3) + 1)
        the_line.relax(dt_ms >> 1)
        if the_drive.reverse:
            stalled = the_line.stored_pl < self._least_stored_pl or self._reservoir.is_bursting()
        else:
            stalled = the_line.stored_pl > self._most_stored_pl
        pl = the_drive.run(dt_ms, stalled)
        if pl:
            pl = self._reservoir.draw(pl)
            the_line.stored_pl += pl
            self._pumped.add(pl)
        the_line.relax(dt_ms - (dt_ms >> 1))
        return dt_ms

    def _grow_old(self) -> None:
        self._day_ms += self._slow_ms
        self._slow_ms = 0
        while self._day_ms >= _DAY_MS:
            self._day_ms -= _DAY_MS
            self._days += 1
        thousandths = self._day_ms // (_DAY_MS // 1000)
        self._vessel.drift(self._day_ms)
        self._drive.drift(self._days, thousandths)
        self._pressure.drift(self._days, thousandths)
        self._level.drift(self._days, thousandths)
