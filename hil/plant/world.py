"""The world around the pump: give it time and strokes, read its sensors, do things to it, ask for the truth."""

from plant import (
    counter,
    drive,
    facts,
    faults,
    line,
    noise,
    reservoir,
    sensors,
    settings,
    share,
    valves,
    verbs,
    vessel,
    volume,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULTS = settings.DEFAULTS
QUIET = settings.QUIET
PartOff = faults.PartOff

_SLOW_MS = 20000  # weather and ageing are looked at this often; the steepest, ambient, moves 5 Pa meanwhile
_LONGEST_MS = 100000000  # time that may wait to be worked out
_DAY_MS = 86400000
_MOST_FREE_PL = 100000000  # in one piece of time
_MOST_FLOW_PL_S = 50000000


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
        self._valves = valves.Valves(full, noise.Noise(seed, 1)) if full["drive_kind"] else None
        self._drive = self._valves or drive.Drive(full, noise.Noise(seed, 1))
        self._counter = counter.Counter(self._drive, noise.Noise(seed, 4))
        self._pressure = sensors.Sensor("pressure", full, noise.Noise(seed, 2), self._time_of_day_ms)
        self._level = sensors.Sensor("level", full, noise.Noise(seed, 3), self._time_of_day_ms)
        self._flow = sensors.Sensor("flow", full, noise.Noise(seed, 5), self._time_of_day_ms)
        self._supply = sensors.Sensor("supply", full, noise.Noise(seed, 6), self._time_of_day_ms)
        self._temperature = sensors.Sensor("temperature", full, noise.Noise(seed, 7), self._time_of_day_ms)
        self._pumped = volume.Volume()
        self._refilled_nl = 0  # delivered before the last refill
        self._supply_mv = full["supply_mv"]
        self._temperature_centi_c = full["temperature_centi_c"]
        self._free_nl_s = full["free_flow_nl_s"]
        self._behind_ms = 0
        self._slow_ms = 0
        self._days = 0
        self._day_ms = 0
        # What can be done to the world; each takes one whole number, and most ignore it.
        self.verbs: dict[str, Callable[[int], None]] = self._verbs()

    def _verbs(self) -> "dict[str, Callable[[int], None]]":
        table = verbs.of_line(self._line, self._vessel)
        table.update(verbs.of_reservoir(self._reservoir))
        if self._valves:
            table.update(verbs.of_valves(self._valves, valves.INLET, valves.OUTLET))
        parts = ("pressure", "level", "flow", "supply", "temperature", "counter", "drive")
        table.update(verbs.of_parts({part: getattr(self, "_" + part).set_fault for part in parts}))
        table["free_flow"] = lambda on: self._drive.lift(on != 0)
        table["refill"] = self._refill
        table["supply"] = self._supply_with
        table["heat"] = self._heat
        return table

    def advance(self, dt_ms: int) -> None:
        """Lets 0..600,000 ms pass."""
        if not 0 <= dt_ms <= 600000:
            raise ValueError("advance takes 0..600000 ms")
        self._behind_ms += dt_ms
        if self._behind_ms > _LONGEST_MS:
            self._catch_up()

    def start_stroke(self, steps: int, interval_us: int) -> None:
        """Starts a motion; negative steps go in reverse. A motion still under way is cut off. Raises PartOff."""
        if self._behind_ms:
            self._catch_up()
        self._drive.start(steps, interval_us)

    def stop_motion(self) -> None:
        """Stops a motion where it is."""
        if self._behind_ms:
            self._catch_up()
        self._drive.stop()

    def start_cycle(self) -> None:
        """Begins a cycle of the valves; one still under way is cut off. Raises PartOff."""
        if self._behind_ms:
            self._catch_up()
        self._drive.start_cycle()

    def cycles_done(self) -> int:
        """1 when the present or last cycle is over, whatever it moved."""
        return self.steps_done()

    def sense(self) -> int:
        """Valves that are open now: 1 inlet, 2 outlet."""
        if self._behind_ms:
            self._catch_up()
        return self._drive.open

    def sense_wrong(self) -> int:
        """Of the same bits, those that were not where they were driven in the present or last cycle."""
        if self._behind_ms:
            self._catch_up()
        return self._drive.wrong

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

    def read_flow_pl_s(self) -> int:
        """Flow through the end of the line, as the sensor there has it: its swing with the pulse is many times its
        mean; raises PartOff."""
        if self._behind_ms:
            self._catch_up()
        return self._flow.read(self._flow_pl_s())

    def read_supply_mv(self) -> int:
        """What the controller lives on; raises PartOff."""
        if self._behind_ms:
            self._catch_up()
        return self._supply.read(self._supply_mv)

    def read_temperature_centi_c(self) -> int:
        """Hundredths of a degree; raises PartOff."""
        if self._behind_ms:
            self._catch_up()
        return self._temperature.read(self._temperature_centi_c)

    def read_steps(self) -> int:
        """What the counter says of pulses, or of openings of the outlet valve, on a circle of 2^30; raises PartOff."""
        if self._behind_ms:
            self._catch_up()
        return self._counter.read()

    def do(self, verb: str, value: int = 0) -> None:
        """Does one of `verbs`; ValueError for an unknown one, or a value that it doesn't take."""
        if verb not in self.verbs:
            raise ValueError("unknown verb: " + verb)
        self._catch_up()
        self.verbs[verb](value)
        self._vessel.see_through(self._line.tau_ms)

    def truth(self) -> dict[str, int]:
        """What is so, whatever the sensors say. Allocates; volumes may be big numbers."""
        self._catch_up()
        truth = {
            "t_ms": self._days * _DAY_MS + self._day_ms + self._slow_ms,
            "line_pressure_pa": self._line_pa(),
            "flow_pl_s": self._flow_pl_s(),
            "supply_mv": self._supply_mv,
            "temperature_centi_c": self._temperature_centi_c,
            "fluid_front_nl": self._line.delivered.nl() - self._refilled_nl,
        }
        truth.update(facts.of_volume("pumped", self._pumped))
        truth.update(facts.of_line(self._line))
        truth.update(facts.of_reservoir(self._reservoir))
        truth.update(facts.of_drive(self._drive))
        truth.update(facts.of_vessel(self._vessel))
        return truth

    def _refill(self, volume_nl: int) -> None:
        self._reservoir.fill(volume_nl or self._reservoir.capacity_nl)
        self._refilled_nl = self._line.delivered.nl()

    def _supply_with(self, voltage_mv: int) -> None:
        if not 0 <= voltage_mv <= 20000:
            raise ValueError("supply takes 0..20000 mV")
        self._supply_mv = voltage_mv

    def _heat(self, centi_c: int) -> None:
        if not -5000 <= centi_c <= 15000:
            raise ValueError("heat takes -5000..15000 hundredths of a degree")
        self._temperature_centi_c = centi_c

    def _time_of_day_ms(self) -> int:
        return self._day_ms + self._slow_ms

    def _line_pa(self) -> int:
        # A soft line hands the ambient on whether it is blocked or not; pulse and breathing come through the open end.
        the_line = self._line
        pa = the_line.pressure_pa() + self._vessel.ambient_pa
        if the_line.plain:
            return pa + self._vessel.swing_pa()
        if the_line.sees_vessel():
            return pa + share.of(self._vessel.swing_pa(), the_line.end_pace)
        return pa

    def _flow_pl_s(self) -> int:
        # What the pulse presses into the tube comes in by its end.
        the_line = self._line
        pl_s = the_line.end_flow_pl_s()
        if the_line.sees_vessel():
            slope_pa_s = share.of(self._vessel.swing_slope_pa_s(), the_line.end_pace)
            pl_s -= slope_pa_s * the_line.compliance_pl_pa
        return max(-_MOST_FLOW_PL_S, min(_MOST_FLOW_PL_S, pl_s))

    def _catch_up(self) -> None:
        behind_ms = self._behind_ms
        self._behind_ms = 0
        the_vessel = self._vessel
        the_line = self._line
        the_drive = self._drive
        while behind_ms:
            dt_ms = the_vessel.until_ms
            if dt_ms > behind_ms:
                dt_ms = behind_ms
            if the_line.event_ms:
                dt_ms = min(dt_ms, the_line.event_ms)
            if the_drive.runs_free:
                dt_ms = self._run_free(dt_ms)
            elif the_drive.moving:
                dt_ms = self._move(dt_ms)
            else:
                the_line.relax(dt_ms)
            the_vessel.advance(dt_ms)
            if the_line.event_ms:
                the_line.pass_time(dt_ms, the_vessel.slow_pa)
            if not the_vessel.until_ms:
                the_line.vessel_stepped(the_vessel.change_posture())
            self._slow_ms += dt_ms
            if self._slow_ms >= _SLOW_MS:
                self._grow_old()
            behind_ms -= dt_ms

    def _move(self, dt_ms: int) -> int:
        """One piece of a motion, up to `dt_ms`; how long it was."""
        the_line = self._line
        dt_ms = min(dt_ms, self._drive.piece_ms())
        # The volume goes in at the middle of the piece; with tau / 8 that is right within 0.07 %.
        if not the_line.blocked:
            dt_ms = min(dt_ms, (the_line.tau_ms >> 3) + 1)
        the_line.relax(dt_ms >> 1)
        pl = self._drive.run(dt_ms, self._is_stalled())
        if pl:
            self._pump(pl)
        the_line.relax(dt_ms - (dt_ms >> 1))
        return dt_ms

    def _run_free(self, dt_ms: int) -> int:
        """One piece with nothing between reservoir and line, moving or not; how long it was."""
        the_line = self._line
        the_drive = self._drive
        free_nl_s = self._free_nl_s  # which is pL/ms
        dt_ms = min(dt_ms, (the_line.tau_ms >> 2) + 1, _MOST_FREE_PL // (free_nl_s + 1))
        if the_drive.moving:
            dt_ms = min(dt_ms, the_drive.piece_ms())
        the_line.relax(dt_ms >> 1)
        is_stalled = self._is_stalled()
        if the_line.stored_pl < the_line.most_stored_pl:
            self._pump(free_nl_s * dt_ms)
        if the_drive.moving:
            self._pump(the_drive.run(dt_ms, is_stalled))
        the_line.relax(dt_ms - (dt_ms >> 1))
        return dt_ms

    def _is_stalled(self) -> bool:
        the_line = self._line
        if self._drive.reverse:
            return the_line.stored_pl < the_line.least_stored_pl or self._reservoir.is_bursting()
        return the_line.stored_pl > the_line.most_stored_pl

    def _pump(self, pl: int) -> None:
        """From the reservoir into the line."""
        the_reservoir = self._reservoir
        fluid_pl = pl = the_reservoir.suck(pl) if the_reservoir.shut else pl
        if not the_reservoir.shut:
            fluid_pl = the_reservoir.draw(pl)
        self._line.stored_pl += pl
        self._pumped.add(fluid_pl)
        if fluid_pl != pl:
            self._line.take_air(pl - fluid_pl)

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
        self._flow.drift(self._days, thousandths)
