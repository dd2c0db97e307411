"""The simulated parts: each is a thin face of the world in hil/plant, by the contracts of pump.hal."""

from plant.parts import faults
from pump import defs, hal

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sim_power
    from plant import world


class Pressure:
    """Line pressure, as a sensor gives it whose conversion takes a while: a value is of the time when it was begun."""

    def __init__(self, world: "world.World") -> None:
        self._convert = world.read_pressure_pa
        self._pa = 0
        self._good = False

    def begin(self) -> None:
        """Begins a conversion; that the sensor is off shows at the next read."""
        try:
            self._pa = self._convert()
            self._good = True
        except faults.PartOff:
            self._good = False

    def read_pa(self) -> int:
        """Pascals of the conversion begun last; begins the next one."""
        pa = self._pa
        good = self._good
        self.begin()
        if not good:
            raise hal.PartError(defs.FAULT_NO_ANSWER)
        return pa

    def check(self) -> None:
        """Somebody answers; begins the first conversion."""
        self.begin()
        if not self._good:
            raise hal.PartError(defs.FAULT_NO_ANSWER)


class Level:
    """Volume in the reservoir."""

    def __init__(self, world: "world.World") -> None:
        self._read = world.read_level_nl

    def read_nl(self) -> int:
        """Nanolitres, now."""
        try:
            return self._read()
        except faults.PartOff:
            raise hal.PartError(defs.FAULT_NO_ANSWER)

    def check(self) -> None:
        """Somebody answers."""
        self.read_nl()


class Flow:
    """Flow into the line's end, where a sensor is fitted."""

    def __init__(self, world: "world.World") -> None:
        self._read = world.read_flow_pl_s

    def read_pl_s(self) -> int:
        """Picolitres per second, now."""
        try:
            return self._read()
        except faults.PartOff:
            raise hal.PartError(defs.FAULT_NO_ANSWER)

    def check(self) -> None:
        """Somebody answers."""
        self.read_pl_s()


class Supply:
    """What the controller lives on."""

    def __init__(self, world: "world.World", power: "sim_power.Power") -> None:
        self._read = world.read_supply_mv
        self._power = power

    def read_mv(self) -> int:
        """Millivolts, now."""
        try:
            return self._read()
        except faults.PartOff:
            raise hal.PartError(defs.FAULT_NO_ANSWER)

    def reset_cause(self) -> int:
        """Power-on, or what the bench has done."""
        return self._power.cause

    def check(self) -> None:
        """Somebody answers."""
        self.read_mv()


class Temperature:
    """Temperature of the controller."""

    def __init__(self, world: "world.World") -> None:
        self._read = world.read_temperature_centi_c

    def read_centi_c(self) -> int:
        """Hundredths of a degree, now."""
        try:
            return self._read()
        except faults.PartOff:
            raise hal.PartError(defs.FAULT_NO_ANSWER)

    def check(self) -> None:
        """Somebody answers."""
        self.read_centi_c()


class Button:
    """A key that the bench presses with `do press`; the look takes it up."""

    def __init__(self) -> None:
        self._down = False

    def press(self, _: int) -> None:
        self._down = True

    def pressed(self) -> bool:
        """Whether it was pressed since the last look."""
        was, self._down = self._down, False
        return was

    def check(self) -> None:
        """Nothing to ask of it."""
