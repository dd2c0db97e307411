"""The alarms that each fault must or may cause, and the deviations it excuses; the times are those of docs/faults.md.

The level sensor finds a wrong volume after DISAGREEMENT_NL at the latest, by the difference of ledger and level alone
(V2). This includes the limit, the sensor's scale and noise, its filter's delay and one reading a minute.
"""

DISAGREEMENT_NL = 650_000
_LEVEL_ALARMS = (
    "reservoir_disagreement", "over_infusion", "free_flow", "reservoir_empty", "refill_warning", "refill_mismatch",
    "motion_unverified",
)  # fmt: skip
_PRESSURE_ALARMS = (
    "occlusion", "pressure_limit", "pressure_sensor", "line_narrow", "line_open", "air_in_line", "upstream_occlusion",
    "reverse_flow", "motion_unverified",
)  # fmt: skip
_REVERSED = ("reverse_flow", "motion_unverified", "upstream_occlusion", "reservoir_disagreement")
_STOPPED = ("alarm_repeats", "under_infusion")


class Cause:
    """One fault. One of the alarms `must` has to come within `seconds` plus `strokes` of delivery.

    With `volume_percent` the level sensor alone finds it, when that part of the volume adds up to DISAGREEMENT_NL.
    `may` are further alarms that it explains, also for `tail_s` after its repair. `gives`: the pumped volume may differ
    from the commanded one. `books`: it may differ from the account. `blinds`: the pressure of the line is not known.
    """

    def __init__(
        self,
        repair: str,
        must: "tuple[str, ...]" = (),
        seconds: int = 0,
        strokes: int = 0,
        may: "tuple[str, ...]" = (),
        volume_percent: int = 0,
        tail_s: int = 1800,
        gives: bool = False,
        books: bool = False,
        value: int = 0,
        blinds: bool = False,
    ) -> None:
        self.repair, _, number = repair.partition(" ")
        self.repair_value = int(number or "0")
        self.must, self.seconds, self.strokes = must, seconds, strokes
        self.may = must + may + _STOPPED
        self.volume_percent, self.tail_s = volume_percent, tail_s
        self.gives, self.books = gives, books
        self.value = value
        self.blinds = blinds


def _counter(seconds: int, strokes: int) -> Cause:
    return Cause("counter_works", ("count_mismatch",), seconds, strokes, ("over_infusion", "part_failed", "dose_limit"))


def _drive(strokes: int, **rest: object) -> Cause:
    return Cause("drive_works", ("drive_fault", "count_mismatch", "part_failed"), 5, strokes, **rest)


def _sensor(part: str, alarms: "tuple[str, ...]", seconds: int, strokes: int = 0, **rest: object) -> Cause:
    return Cause(part + "_works", alarms, seconds, strokes, **rest)


_PRESSURE = {"may": ("part_failed",) + _PRESSURE_ALARMS, "blinds": True}
_LEVEL = {"may": ("part_failed", "level_sensor") + _LEVEL_ALARMS, "tail_s": 90000}
_SUPPLY = {"may": ("part_failed", "supply_low", "supply_out", "supply_sensor")}
_TEMPERATURE = {"may": ("part_failed", "temperature", "temperature_sensor")}
_TURNED = {"tail_s": 90000, "books": True, "value": 1}

# Faults of both drives. A counter that fails is found by the next read, 4.9 s later at most, and those of 1.8 s more.
CAUSES = {
    "counter_off": _counter(7, 0),
    "counter_stuck": _counter(6, 2),
    "counter_garbage": _counter(6, 0),
    "counter_wrong": _counter(6, 2),
    "counter_slow": _counter(6, 2),
    "counter_delayed": _counter(6, 2),
    "counter_intermittent": _counter(900, 0),
    "drive_off": _drive(2),
    "drive_slow": _drive(2),
    "drive_delayed": _drive(2),
    # The start is repeated, so a stroke is late by a moment and no more.
    "drive_intermittent": Cause("drive_works"),
    "drive_flips": Cause("drive_works", value=3),
    "drive_late": Cause("drive_works", value=2),
    "pressure_off": _sensor("pressure", ("pressure_sensor",), 10, 3, **_PRESSURE),
    "pressure_stuck": Cause("pressure_works", **_PRESSURE),
    "pressure_garbage": _sensor("pressure", ("pressure_sensor", "pressure_limit"), 10, 20, **_PRESSURE),
    "pressure_wrong": Cause("pressure_works", **_PRESSURE),
    "pressure_slow": Cause("pressure_works", **_PRESSURE),
    "pressure_delayed": Cause("pressure_works", **_PRESSURE),
    "pressure_intermittent": _sensor("pressure", ("pressure_sensor",), 10, 60, **_PRESSURE),
    "pressure_glitches": Cause("pressure_works", value=17, **_PRESSURE),
    "pressure_flips": Cause("pressure_works", value=17, **_PRESSURE),
    "pressure_late": Cause("pressure_works", value=5, **_PRESSURE),
    "bus_held": _sensor("bus", ("pressure_sensor",), 10, 3, **_PRESSURE),
    "bus_held_ms": Cause("bus_works", value=300),
    "level_off": _sensor("level", ("level_sensor",), 250, **_LEVEL),
    "level_stuck": Cause("level_works", ("level_sensor",), 3600, volume_percent=100, **_LEVEL),
    "level_garbage": _sensor("level", ("level_sensor",), 1200, **_LEVEL),
    "level_wrong": _sensor("level", ("reservoir_disagreement",), 600, **_LEVEL),
    "level_slow": Cause("level_works", **_LEVEL),
    "level_delayed": Cause("level_works", **_LEVEL),
    "level_intermittent": _sensor("level", ("level_sensor",), 5400, **_LEVEL),
    "level_glitches": Cause("level_works", value=5, **_LEVEL),
    "level_flips": Cause("level_works", value=5, **_LEVEL),
    "level_late": Cause("level_works", value=5, **_LEVEL),
    "supply_off": _sensor("supply", ("supply_sensor",), 60, **_SUPPLY),
    "supply_stuck": _sensor("supply", ("supply_sensor",), 3900, **_SUPPLY),
    "supply_garbage": _sensor("supply", ("supply_sensor", "supply_out"), 300, **_SUPPLY),
    "supply_wrong": _sensor("supply", ("supply_out",), 20, **_SUPPLY),
    "supply_slow": Cause("supply_works", **_SUPPLY),
    "supply_delayed": Cause("supply_works", **_SUPPLY),
    "supply_intermittent": _sensor("supply", ("supply_sensor",), 900, **_SUPPLY),
    "supply_glitches": Cause("supply_works", value=5, **_SUPPLY),
    "supply_flips": Cause("supply_works", value=5, **_SUPPLY),
    "supply_late": Cause("supply_works", value=5, **_SUPPLY),
    "temperature_off": _sensor("temperature", ("temperature_sensor",), 60, **_TEMPERATURE),
    "temperature_stuck": Cause("temperature_works", **_TEMPERATURE),
    "temperature_garbage": _sensor("temperature", ("temperature_sensor",), 300, **_TEMPERATURE),
    "temperature_wrong": _sensor("temperature", ("temperature",), 20, **_TEMPERATURE),
    "temperature_slow": Cause("temperature_works", **_TEMPERATURE),
    "temperature_delayed": Cause("temperature_works", **_TEMPERATURE),
    "temperature_intermittent": _sensor("temperature", ("temperature_sensor",), 900, **_TEMPERATURE),
    "temperature_glitches": Cause("temperature_works", value=5, **_TEMPERATURE),
    "temperature_flips": Cause("temperature_works", value=5, **_TEMPERATURE),
    "temperature_late": Cause("temperature_works", value=5, **_TEMPERATURE),
    "link_off": Cause("link_works"),
    "link_stuck": Cause("link_works"),
    "link_garbage": Cause("link_works"),
    "link_wrong": Cause("link_works"),
    "link_slow": Cause("link_works"),
    "link_delayed": Cause("link_works"),
    "link_intermittent": Cause("link_works"),
    "supply": Cause("supply 5000", ("supply_out",), 20, **_SUPPLY, value=3600),
    "heat": Cause("heat 2200", ("temperature",), 20, **_TEMPERATURE, value=5200),
    # The drained volume is missing until a refill, and every power-on reports it again.
    "drain": Cause("", ("reservoir_disagreement",), 900, 0, _LEVEL["may"], value=1_000_000, tail_s=1_209_600),
    # The time to detection depends on the line; at the latest the absolute limit finds it, see AlarmOracle._allowed_ms.
    "block": Cause("unblock", ("occlusion", "pressure_limit"), 10, 8, _PRESSURE_ALARMS),
    "kink": Cause("unblock", may=_PRESSURE_ALARMS, value=3),
    "block_over": Cause("unblock", may=_PRESSURE_ALARMS, value=600),
    "narrow": Cause("narrow 100", may=_PRESSURE_ALARMS, value=400),
    "air": Cause("", may=_PRESSURE_ALARMS, value=2000, tail_s=864000),
    "leak": Cause("leak 0", may=_PRESSURE_ALARMS, value=30),
    "disconnect": Cause("connect", may=_PRESSURE_ALARMS),
    "drive_invert": Cause("drive_invert 0", _REVERSED, 3600, 0, _PRESSURE_ALARMS + _LEVEL_ALARMS, 200, **_TURNED),
    "block_upstream": Cause("unblock_upstream", may=_PRESSURE_ALARMS + _LEVEL_ALARMS, books=True, tail_s=90000),
    "stick_cell": Cause("stick_cell -1", ("part_failed",), 3800, value=17),
    "flip_program": Cause("flip_program 4711", ("part_failed",), 3800, value=4711),
    "second_clock_percent": Cause("second_clock_percent 100", ("part_failed",), 3800, value=90),
}
# Blocks that scenarios with a body have besides: near the pump, in a sac, at a tip, or coming and going.
HARD = {
    "kink_near": Cause("unblock", ("occlusion", "pressure_limit"), 10, 8, _PRESSURE_ALARMS, value=50),
    "sac": Cause("unblock", ("occlusion", "pressure_limit"), 10, 8, _PRESSURE_ALARMS, value=60),
    "crack": Cause("unblock", may=_PRESSURE_ALARMS, value=4000),
    "slug": Cause("unblock", may=_PRESSURE_ALARMS, value=500),
    "come_and_go": Cause("unblock", may=_PRESSURE_ALARMS, value=600),
    "flutter": Cause("unblock", may=_PRESSURE_ALARMS, value=1000),
}
# Faults of one drive.
STEPPER = {
    "drive_stuck": Cause(
        "drive_works", ("reservoir_disagreement", "upstream_occlusion"), 3600, 0, _LEVEL_ALARMS, 100, 90000, books=True
    ),
    "drive_garbage": _drive(40, books=True),
    "drive_reset": Cause("", ("drive_fault",), 5, 2, ("count_mismatch", "part_failed")),
    "drive_wrong": Cause(
        "drive_works", ("over_infusion", "reservoir_disagreement"), 3600, 0, _LEVEL_ALARMS, 50, 90000, True, True
    ),
}
VALVES = {
    "drive_stuck": _drive(2),
    "inlet_open": Cause("valves_work", ("count_mismatch", "drive_fault"), 7, 0, ("part_failed",)),
    "outlet_open": Cause("valves_work", ("count_mismatch", "drive_fault"), 7, 0, ("part_failed",)),
    "inlet_shut": Cause("valves_work", ("drive_fault", "count_mismatch"), 5, 2, ("part_failed",)),
    "outlet_shut": Cause("valves_work", ("drive_fault", "count_mismatch"), 5, 2, ("part_failed",)),
}


def of(drive: str, body: int = 0) -> "dict[str, Cause]":
    """The rows for this drive. Valves with scattering volume are left out: by design the pump cannot detect that."""
    rows = dict(CAUSES)
    if body:
        rows.update(HARD)
    rows.update(VALVES if drive == "valves" else STEPPER)
    return rows
