"""The world around the pump: inputs are time, motions and actions; outputs are sensor readings and the ground truth."""

from plant import actions, settings, timeline, truth as plant_truth
from plant.arithmetic import fraction, noise
from plant.body import rough
from plant.parts import counter, faults, sensors, valves

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULTS = settings.DEFAULTS
QUIET = settings.QUIET
PartOff = faults.PartOff

_MOST_FLOW_PL_S = 50000000
_LONGEST_HOLD_MS = 3600000


class World(timeline.Timeline):
    """The interface for pump and tests. Allocates only in the constructor, in actions and in `truth`."""

    def __init__(self, config: dict[str, int], seed: int) -> None:
        full = settings.complete(config)
        super().__init__(full, seed)
        self._counter = counter.Counter(self._drive, noise.Noise(seed, 4))
        self._pressure = sensors.Sensor("pressure", full, noise.Noise(seed, 2), self._time_of_day_ms)
        self._rough = rough.Rough(full, noise.Noise(seed, 10), self._time_of_day_ms)
        if rough.Rough.wanted(full):
            self._pressure.roughen(self._rough)
        self._level = sensors.Sensor("level", full, noise.Noise(seed, 3), self._time_of_day_ms)
        self._flow = sensors.Sensor("flow", full, noise.Noise(seed, 5), self._time_of_day_ms)
        self._supply = sensors.Sensor("supply", full, noise.Noise(seed, 6), self._time_of_day_ms)
        self._temperature = sensors.Sensor("temperature", full, noise.Noise(seed, 7), self._time_of_day_ms)
        self._refilled_nl = 0  # delivered before the last refill
        self._bus_held = False  # a part holds a line of the I2C bus, on which are pressure and flow
        self._bus_held_ms = 0  # for how long, 0 until it is repaired
        self._bus_since_ms = 0  # time of day
        self._supply_mv = full["supply_mv"]
        self._temperature_centi_c = full["temperature_centi_c"]
        # By name; each takes one whole number, which most ignore.
        self.actions: dict[str, Callable[[int], None]] = self._actions()

    def _actions(self) -> "dict[str, Callable[[int], None]]":
        table = actions.of_line(self._line)
        table.update(actions.of_reservoir(self._reservoir))
        if self._valves:
            table.update(actions.of_valves(self._valves, valves.INLET, valves.OUTLET))
        setters = {name: getattr(self, "_" + name).set_fault for name in sensors.KINDS}
        table.update(actions.of_sensors(setters))
        table.update(actions.of_voltages({name: setters[name] for name in sensors.ANALOGUE}))
        table.update(actions.of_parts(setters))
        table.update(actions.of_parts({part: getattr(self, "_" + part).set_fault for part in ("counter", "drive")}))
        table.update(actions.of_driver(self._drive.set_fault))
        table["bus_held"] = lambda _: self._hold_bus(True, 0)
        table["bus_held_ms"] = lambda ms: self._hold_bus(ms > 0, ms)
        table["bus_works"] = lambda _: self._hold_bus(False, 0)
        table.update(actions.of_body(self._make_body, self._full))
        table.update(actions.of_hard_line(self._line, self._make_body))
        table.update(actions.of_rough_sensor(self._rough, lambda: self._pressure.roughen(self._rough)))
        table.update(actions.of_stage(self._make_stage))
        table["drive_invert"] = lambda on: self._drive.invert(on != 0)
        table["free_flow"] = lambda on: self._drive.lift(on != 0)
        table["refill"] = self._refill
        table["supply"] = self._supply_with
        table["heat"] = self._heat
        return table

    def start_stroke(self, steps: int, interval_us: int) -> None:
        """Starts a motion; negative steps go in reverse. It replaces one in progress. Raises PartOff."""
        self._catch_up()
        self._drive.start(steps, interval_us)

    def stop_motion(self) -> None:
        """Stops the motion at once."""
        self._catch_up()
        self._drive.stop()

    def start_cycle(self, reverse: bool = False) -> None:
        """Begins a cycle of the valves, in either direction; it replaces one in progress. Raises PartOff."""
        self._catch_up()
        self._drive.start_cycle(reverse)

    def cycles_done(self) -> int:
        """1 when the present or last cycle is complete, even if it moved nothing."""
        return self.steps_done()

    def sense(self) -> int:
        """Valves that are open now: 1 inlet, 2 outlet."""
        self._catch_up()
        return self._drive.open

    def sense_wrong(self) -> int:
        """The same bits: valves that were in the wrong position in the present or last cycle."""
        self._catch_up()
        return self._drive.wrong

    def steps_done(self) -> int:
        """Steps done of the present or last motion, positive in either direction."""
        self._catch_up()
        return self._drive.steps_done()

    def steps_counted(self) -> int:
        """All pulses on the STEP pin since the start, in either direction, modulo 2^30."""
        self._catch_up()
        return self._drive.counted_steps

    def read_pressure_pa(self) -> int:
        """Line pressure at the pump, by its sensor; raises PartOff."""
        if self._behind_ms:
            self._catch_up()
        if self._bus_held:
            self._use_bus("pressure")
        return self._pressure.read(self._line_pa())

    def read_level_nl(self) -> int:
        """Content of the reservoir, by its sensor; may be below 0 or above full. Raises PartOff."""
        if self._behind_ms:
            self._catch_up()
        self._level.drift(self._days, self._day_thousandths)
        return self._level.read(self._reservoir.content.nl())

    def read_flow_pl_s(self) -> int:
        """Flow at the end of the line, by its sensor; the pulse varies it by many times its mean. Raises PartOff."""
        self._catch_up()
        if self._bus_held:
            self._use_bus("flow")
        self._flow.drift(self._days, self._day_thousandths)
        return self._flow.read(self._flow_pl_s())

    def read_supply_mv(self) -> int:
        """Supply voltage of the controller, by its sensor; raises PartOff."""
        if self._behind_ms:
            self._catch_up()
        return self._supply.read(self._supply_mv)

    def read_temperature_centi_c(self) -> int:
        """Temperature of the controller in hundredths of a degree Celsius, by its sensor; raises PartOff."""
        if self._behind_ms:
            self._catch_up()
        return self._temperature.read(self._temperature_centi_c)

    def read_steps(self) -> int:
        """The counter's number of pulses, or of openings of the outlet valve, modulo 2^30; raises PartOff."""
        if self._behind_ms:
            self._catch_up()
        return self._counter.read()

    def do(self, action: str, value: int = 0) -> None:
        """Does one of `actions`; ValueError for an unknown action or a value out of range."""
        if action not in self.actions:
            raise ValueError("unknown action: " + action)
        self._catch_up()
        self.actions[action](value)
        self._vessel.set_line(self._line.tau_ms)

    def truth(self) -> dict[str, int]:
        """The ground truth, without sensor errors. Allocates; volumes may exceed 30 bits."""
        self._catch_up()
        truth = {
            "t_ms": self._days * timeline.DAY_MS + self._day_ms + self._slow_ms,
            "line_pressure_pa": self._line_pa(),
            "flow_pl_s": self._flow_pl_s(),
            "supply_mv": self._supply_mv,
            "temperature_centi_c": self._temperature_centi_c,
            "fluid_front_nl": self._line.delivered.nl() - self._refilled_nl,
        }
        truth.update(plant_truth.of_volume("pumped", self._pumped))
        truth.update(plant_truth.of_line(self._line))
        truth.update(plant_truth.of_reservoir(self._reservoir))
        truth.update(plant_truth.of_drive(self._drive))
        truth.update(plant_truth.of_vessel(self._vessel))
        return truth

    def _refill(self, volume_nl: int) -> None:
        self._reservoir.fill(volume_nl or self._reservoir.capacity_nl)
        self._refilled_nl = self._line.delivered.nl()

    def _hold_bus(self, held: bool, held_ms: int) -> None:
        if held_ms > _LONGEST_HOLD_MS:
            raise ValueError("the bus is held for 1..%d ms" % _LONGEST_HOLD_MS)
        self._bus_held = held
        self._bus_held_ms = held_ms
        self._bus_since_ms = self._time_of_day_ms()

    def _use_bus(self, part: str) -> None:
        """Raises PartOff while the bus is held."""
        passed_ms = (self._time_of_day_ms() - self._bus_since_ms) % timeline.DAY_MS
        if self._bus_held_ms and passed_ms >= self._bus_held_ms:
            self._bus_held = False
            return
        raise PartOff(part)

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
        # Ambient pressure acts through the soft wall, also of a blocked line; pulse and breathing need an open end.
        the_line = self._line
        the_vessel = self._vessel
        if the_line.plain:
            pa = (the_line.stored_pl + the_line.settling_pl) // the_line.compliance_pl_pa + the_line.base_pa
            return pa + the_vessel.ambient_pa + the_vessel.pulsation_pa()
        pa = the_line.pressure_pa() + the_vessel.ambient_pa
        if the_line.sees_vessel():
            return pa + fraction.of(the_vessel.pulsation_pa(), the_line.end_fraction)
        return pa

    def _flow_pl_s(self) -> int:
        # The volume that the pulse moves into the tube enters at its end.
        the_line = self._line
        pl_s = the_line.end_flow_pl_s()
        if the_line.sees_vessel():
            slope_pa_s = fraction.of(self._vessel.pulsation_slope_pa_s(), the_line.end_fraction)
            pl_s -= slope_pa_s * the_line.compliance_pl_pa
        return max(-_MOST_FLOW_PL_S, min(_MOST_FLOW_PL_S, pl_s))

    def _age(self) -> None:
        super()._age()
        self._pressure.drift(self._days, self._day_thousandths)
