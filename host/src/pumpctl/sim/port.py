"""The port `sim:`: a simulated pump that is started by opening it, and its options as text."""

from __future__ import annotations

from dataclasses import field

from pumpctl import errors, units
from pumpctl.frozen import frozen
from pumpctl.protocol import transport as transports
from pumpctl.sim.simulation import Simulation

_VOLUMES = ("air", "drain", "refill")  # actions that take one


@frozen
class Options:
    """Options of a simulated pump; `flow` is whether it has a flow sensor, `speed` counts in wall time."""

    seed: int = 1
    speed: int = 1
    settings: dict[str, int] = field(default_factory=dict)
    emulated: bool = False
    flow: bool = False

    def words(self) -> list[str]:
        """The simulation's own options."""
        return ["--flow", "yes"] if self.flow else []


def options_of(text: str, emulated: bool = False) -> Options:
    """Parse `speed=60,seed=3,reservoir_nl=2000000,flow=1`; all except speed, seed and flow are settings of hil/plant.

    `emulated` is for a pump in an emulated Pico. Raises UsageProblem.
    """
    given = dict(setting(part) for part in text.split(",") if part)
    seed, speed = given.pop("seed", 1), given.pop("speed", 1)
    flow = bool(given.pop("flow", 0))
    if flow and emulated:
        raise errors.UsageProblem("An emulated pump has no flow sensor; use sim: for one that has.")
    return Options(seed, speed, given, emulated, flow)


def setting(text: str) -> tuple[str, int]:
    """Parse `name=value` with a whole number, or an amount such as 16mL for a volume; raises UsageProblem."""
    name, _, value = text.partition("=")
    if name.endswith("_nl") and value and not value.removeprefix("-").isdecimal():
        return name, units.volume_nl(value, name)
    if not name.isidentifier() or not value.removeprefix("-").isdecimal():
        raise errors.UsageProblem(f"The setting {text!r} can't be read; write it as name=number, such as speed=60.")
    return name, int(value)


def action_value(action: str, text: str) -> int | None:
    """Return the number behind an action on the world, None without one.

    A volume is in nL, or an amount such as 1.5mL. Raises UnknownWorldAction, BadAmount.
    """
    if not text:
        return None
    if text.removeprefix("-").isdecimal():
        return int(text)
    if action in _VOLUMES:
        return units.volume_nl(text)
    raise errors.UnknownWorldAction(f"{action} takes a whole number, not {text!r}.")


class SimulatedPort(transports.SerialTransport):
    """A link that starts a simulated pump in wall time and ends it when it is closed."""

    def __init__(self, options: Options) -> None:
        """Start the pump and open its port; raises SimulatorMissing."""
        self.simulation = Simulation(
            options.seed,
            options.settings,
            "wall",
            options.speed,
            emulated=options.emulated,
            options=options.words(),
        )
        try:
            super().__init__(self.simulation.port, self.simulation.key)
            self.name = "emulated:" if options.emulated else "sim:"
        except BaseException:
            self.simulation.close()
            raise

    @property
    def port(self) -> str:
        """The path of its serial port."""
        return self.simulation.port

    def read(self, timeout_s: float) -> bytes:
        """As for a serial port; raises SimulatorDied when the pump has ended by itself."""
        data = super().read(timeout_s)
        if not data:
            self.simulation.check()
        return data

    def close(self) -> None:
        """Close the port and end the pump."""
        super().close()
        self.simulation.close()
