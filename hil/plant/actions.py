"""The actions on the world, by name. Each takes one whole number; the world is brought up to date before."""

from plant.parts import faults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from plant.body import body, hard_line, rough, stage
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
    return {part + "_" + word: _setter(parts[part], fault) for part in parts for fault, word in enumerate(faults.WORDS)}


def of_sensors(sensors: "dict[str, Callable[[int, int], None]]") -> "Actions":
    """For every sensor: each nth of its readings is bad from now on, in one of three ways."""
    words = faults.EVERY_NTH
    return {name + "_" + words[fault]: _setter(sensors[name], fault) for name in sensors for fault in words}


def of_driver(set_fault: "Callable[[int, int], None]") -> "Actions":
    """Of the motor driver: each nth exchange with it is disturbed."""
    return {"drive_" + faults.EVERY_NTH[fault]: _setter(set_fault, fault) for fault in (faults.FLIPS, faults.LATE)}


def of_voltages(sensors: "dict[str, Callable[[int, int], None]]") -> "Actions":
    """For every sensor with a voltage: its wire breaks."""
    return {name + "_open": _setter(sensors[name], faults.OPEN) for name in sensors}


def _setter(set_fault: "Callable[[int, int], None]", fault: int) -> "Callable[[int], None]":
    return lambda value: set_fault(fault, value)


def of_pins(actions: "Actions") -> None:
    """Removes the faults of motor driver and bus, for a world that gets steps from a pin: these are on pins, too."""
    for action in ("off", "intermittent", "flips", "late"):
        del actions["drive_" + action]
    for action in ("held", "held_ms", "works"):
        del actions["bus_" + action]


# ---- body, hard line, rough sensor, stage of the drive; each action makes what it needs ------------------------------

_EFFORT_MS = 120000  # to the full effect of a handgrip; the pressure falls again within 20 s
_RELEASE_MS = 20000
_FAINT_MS = 20000
_RECOVER_MS = 60000
_POSTURE_MS = 2000
_BATH_MS = 20000
_PA_PER_MM = 10  # of water
_AIR_PA_PER_M = 12  # of height
_ELEVATOR_M_S = 2
_ELEVATOR_PA = 400  # a column of 0.3 m at 1.3 m/s^2
_ELEVATOR_START_MS = 1500
_CABIN_PA_S = 17  # a cabin at 2,400 m after 25 minutes


def _checked(name: str, low: int, high: int, act: "Callable[[int], None]") -> "Callable[[int], None]":
    def checked(value: int) -> None:
        if not low <= value <= high:
            raise ValueError("%s takes %d..%d" % (name, low, high))
        act(value)

    return checked


def _table(*rows: "tuple[str, int, int, Callable[[int], None]]") -> "Actions":
    """Actions by name, whose numbers are checked; a row is (name, lowest, highest, action)."""
    return {row[0]: _checked(*row) for row in rows}


def of_body(make: "Callable[[], body.Body]", config: "dict[str, int]") -> "Actions":
    """Actions on the body; `make` returns it."""

    def planned(act: "Callable[[body.Body, int], None]") -> "Callable[[int], None]":
        def acted(value: int) -> None:
            act(make(), value)
            make().plan()

        return acted

    def walk(it: "body.Body", seconds: int) -> None:
        it.walking.left_ms = seconds * 1000

    def fibrillate(it: "body.Body", on: int) -> None:
        it.heart.fibrillates = on > 0

    cough_pa, strain_pa = config["cough_pa"], config["strain_pa"]
    actions = _of_courses(planned, config)
    actions.update(
        _table(
            ("walk", 0, 86400, planned(walk)),
            ("cough", 1, 100, planned(lambda it, times: it.strain.cough(cough_pa, times))),
            ("strain", 300, 10000, planned(lambda it, ms: it.strain.hold(strain_pa, ms))),
            ("heart_rate", 0, 2200, planned(lambda it, millihertz: it.heart.set_rate(millihertz))),
            ("heart_pause", 0, 5000, planned(lambda it, ms: it.heart.pause(ms))),
            ("ectopic", 0, 100, planned(lambda it, beats: it.heart.add_ectopic(beats))),
            ("fibrillate", 0, 1, planned(fibrillate)),
        )
    )
    return actions


def _of_courses(
    planned: "Callable[[Callable[[body.Body, int], None]], Callable[[int], None]]", config: "dict[str, int]"
) -> "Actions":
    """Slow changes of the pressure: in the vessel, or around body and sensor."""
    effort_pa, faint_pa, saw_tooth_pa = config["effort_pa"], config["faint_pa"], config["saw_tooth_pa"]

    def handgrip(it: "body.Body", seconds: int) -> None:
        rise_ms = min(_EFFORT_MS, seconds * 1000)
        pa = effort_pa * (rise_ms // 1000) * 1000 // _EFFORT_MS
        it.effort.start([(rise_ms, pa), (seconds * 1000 - rise_ms + 1, pa), (_RELEASE_MS, 0)])

    def faint(it: "body.Body", seconds: int) -> None:
        it.effort.start([(_FAINT_MS, -faint_pa), (seconds * 1000, -faint_pa), (_RECOVER_MS, 0)])

    def saw_tooth(it: "body.Body", minutes: int) -> None:
        rise_ms = minutes * 60000
        rows = [(rise_ms, saw_tooth_pa), (rise_ms // 16, 0)] if minutes else [(_RECOVER_MS, 0)]
        it.swing.start(rows, minutes > 0)

    def elevator(it: "body.Body", metres: int) -> None:
        up = 1 if metres > 0 else -1
        ride_ms = max(1, abs(metres)) * 1000 // _ELEVATOR_M_S
        push_pa = up * _ELEVATOR_PA
        it.shake.start(
            [(100, push_pa), (_ELEVATOR_START_MS, push_pa), (100, 0), (ride_ms, 0)]
            + [(100, -push_pa), (_ELEVATOR_START_MS, -push_pa), (100, 0)]
        )
        it.cabin.start([(ride_ms + 2 * _ELEVATOR_START_MS, it.cabin.level_pa - metres * _AIR_PA_PER_M)])

    def cabin(it: "body.Body", pa: int) -> None:
        it.cabin.start([(max(1000, abs(pa + it.cabin.level_pa) * 1000 // _CABIN_PA_S), -pa)])

    return _table(
        ("handgrip", 1, 3600, planned(handgrip)),
        ("faint", 1, 3600, planned(faint)),
        ("saw_tooth", 0, 60, planned(saw_tooth)),
        ("posture", -8000, 8000, planned(lambda it, pa: it.posture.start([(_POSTURE_MS, pa)]))),
        ("bath", 0, 1000, planned(lambda it, mm: it.bath.start([(_BATH_MS, mm * _PA_PER_MM)]))),
        ("elevator", -200, 200, planned(elevator)),
        ("cabin", 0, 30000, planned(cabin)),
    )


def of_hard_line(the_line: "hard_line.HardLine", make: "Callable[[], body.Body]") -> "Actions":
    """More ways to block a line. The action unblock ends each of them."""
    return _table(
        ("kink_near", 1, 1000, the_line.kink_near),
        ("sac", 1, 1000, the_line.close_sac),
        ("crack", 0, 100000, the_line.crack),
        ("slug", 1, 100000, the_line.slug),
        ("come_and_go", 0, 86400, lambda seconds: make().come_and_go(seconds * 1000)),
        ("flutter", 0, 60000, lambda ms: make().come_and_go(ms)),
    )


def of_rough_sensor(the_rough: "rough.Rough", use: "Callable[[], None]") -> "Actions":
    """Single disturbances of the pressure sensor."""

    def flip(bit: int) -> None:
        the_rough.flip_bit = bit
        use()

    def burst(readings: int) -> None:
        the_rough.burst = readings
        use()

    def miss(readings: int) -> None:
        the_rough.missing = readings
        use()

    return _table(
        ("pressure_flip", 0, 20, flip), ("pressure_burst", 1, 1000, burst), ("pressure_missing", 1, 1000, miss)
    )


def of_stage(make: "Callable[[], stage.Stage]") -> "Actions":
    """Faults of the mechanics between motor and fluid."""
    return _table(
        ("stick", 0, 3000, lambda nl: make().stick(nl * 1000)),
        ("slacken", 0, 3000, lambda nl: make().slacken(nl * 1000)),
    )
