"""The simulated sensors and the button, which implement the contracts of pump.hal and read the world of hil/plant."""

from plant.parts import faults
from pump import defs, hal

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sim_power
    from plant import world


class Part:
    """A part with one value, which `read` gets from the world."""

    def __init__(self, read: "callable") -> None:
        self._read = read

    def value(self) -> int:
        """The value now; PartError when the part doesn't answer, or when the wire of its voltage is broken."""
        try:
            return self._read()
        except faults.PartOpen:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        except faults.PartOff:
            raise hal.PartError(defs.FAULT_NO_ANSWER)

    def check(self) -> None:
        """PartError when the part doesn't answer."""
        self.value()


class Pressure:
    """Line pressure; the conversion takes time, and the value is that at the conversion's start."""

    def __init__(self, world: "world.World") -> None:
        self._convert = world.read_pressure_pa
        self._pa = 0
        self._good = False

    def begin(self) -> None:
        """Begins a conversion; if the sensor is off, the next read raises PartError."""
        try:
            self._pa = self._convert()
            self._good = True
        except faults.PartOff:
            self._good = False

    def read_pa(self) -> int:
        """The value in Pa of the last conversion; begins the next one."""
        pa = self._pa
        good = self._good
        self.begin()
        if not good:
            raise hal.PartError(defs.FAULT_NO_ANSWER)
        return pa

    def check(self) -> None:
        """Begins the first conversion; PartError when the sensor doesn't answer."""
        self.begin()
        if not self._good:
            raise hal.PartError(defs.FAULT_NO_ANSWER)


class Level(Part):
    """Volume in the reservoir, in nanolitres."""

    def __init__(self, world: "world.World") -> None:
        super().__init__(world.read_level_nl)

    read_nl = Part.value


class Flow(Part):
    """Flow at the end of the line, where a flow sensor is fitted."""

    def __init__(self, world: "world.World") -> None:
        super().__init__(world.read_flow_pl_s)

    def read_pl_s(self) -> int:
        """Picolitres per second, now."""
        return self.value()


class Supply(Part):
    """Supply voltage of the controller, in millivolts."""

    def __init__(self, world: "world.World", power: "sim_power.Power") -> None:
        super().__init__(world.read_supply_mv)
        self._power = power

    read_mv = Part.value

    def reset_cause(self) -> int:
        """One of defs.RESET_*: power-on, or the reset that the bench requested."""
        return self._power.cause


class Temperature(Part):
    """Temperature of the controller, in hundredths of a degree."""

    def __init__(self, world: "world.World") -> None:
        super().__init__(world.read_temperature_centi_c)

    read_centi_c = Part.value


class Button:
    """A button that the bench presses with `do press`; the press stays until it is read. `do hold 1` keeps it down."""

    def __init__(self) -> None:
        self._down = False
        self._held = False

    def press(self, _: int) -> None:
        self._down = True

    def hold(self, down: int) -> None:
        self._held = down != 0

    def pressed(self) -> bool:
        """Whether it is down, or was since the last call."""
        was, self._down = self._down, False
        return was or self._held

    def check(self) -> None:
        """The simulated button never fails."""
