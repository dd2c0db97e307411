"""The actions on the world, by name. Each takes one whole number; the world is brought up to date before."""

from plant.parts import faults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from plant.fluid import line, reservoir
    from plant.parts import valves

    Actions = dict[str, Callable[[int], None]]


def of_line(the_line: "line.Line") -> "Actions":
    """Actions on the line between pump and vessel."""

    def narrow(resistance_percent: int) -> None:
        if not 10 <= resistance_percent <= 100000:
            raise ValueError("narrow takes 10..100000 percent")
        the_line.resistance_percent = resistance_percent
        the_line.tabulate()

    def leak(percent: int) -> None:
        if not 0 <= percent <= 200:
            raise ValueError("leak takes 0..200 percent")
        the_line.leak_percent = percent
        the_line.tabulate()

    def bubble(volume_nl: int) -> None:
        if not 0 <= volume_nl * 1000 <= the_line.air.capacity_pl():
            raise ValueError("the line takes 0..%d nL of air" % (the_line.air.capacity_pl() // 1000))
        # The bubble displaces as much fluid, which counts as leaked.
        the_line.leaked.add(volume_nl * 1000)
        the_line.take_air(volume_nl * 1000)

    return {
        "block": lambda _: the_line.block(),
        "unblock": lambda _: the_line.unblock(),
        "narrow": narrow,
        "block_over": the_line.close_over,
        "kink": the_line.kink,
        "air": bubble,
        "leak": leak,
        "disconnect": lambda _: the_line.connect(False),
        "connect": lambda _: the_line.connect(True),
    }


def of_reservoir(the_reservoir: "reservoir.Reservoir") -> "Actions":
    """Actions on the reservoir and the inlet of the pump."""
    return {
        "drain": the_reservoir.drain,
        "block_upstream": lambda _: the_reservoir.shut_inlet(),
        "unblock_upstream": lambda _: the_reservoir.open_inlet(),
    }


def of_valves(the_valves: "valves.Valves", inlet: int, outlet: int) -> "Actions":
    """Actions that make a valve stick open or shut."""
    return {
        "inlet_open": lambda _: the_valves.stick(inlet, True),
        "inlet_shut": lambda _: the_valves.stick(inlet, False),
        "outlet_open": lambda _: the_valves.stick(outlet, True),
        "outlet_shut": lambda _: the_valves.stick(outlet, False),
        "valves_work": lambda _: the_valves.free(),
    }


def of_parts(parts: "dict[str, Callable[[int, int], None]]") -> "Actions":
    """An action for each fault of each part; `parts` has the function that sets a part's fault."""
    return {
        part + "_" + word: _setter(parts[part], fault) for part in parts for fault, word in enumerate(faults.WORDS)
    }


def of_sensors(sensors: "dict[str, Callable[[int, int], None]]") -> "Actions":
    """For every sensor: each nth of its readings is bad from now on, in one of three ways."""
    words = faults.EVERY_NTH
    return {name + "_" + words[fault]: _setter(sensors[name], fault) for name in sensors for fault in words}


def of_driver(set_fault: "Callable[[int, int], None]") -> "Actions":
    """Of the motor driver: each nth exchange with it is disturbed."""
    return {"drive_" + faults.EVERY_NTH[fault]: _setter(set_fault, fault) for fault in (faults.FLIPS, faults.LATE)}


def _setter(set_fault: "Callable[[int, int], None]", fault: int) -> "Callable[[int], None]":
    return lambda value: set_fault(fault, value)


def of_pins(actions: "Actions") -> None:
    """Removes the faults of motor driver and bus, for a world that gets steps from a pin: these are on pins, too."""
    for action in ("off", "intermittent", "flips", "late"):
        del actions["drive_" + action]
    for action in ("held", "held_ms", "works"):
        del actions["bus_" + action]
