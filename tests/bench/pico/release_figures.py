"""The release image on the emulated Pico. Device time and cycles are repeatable, so these figures are absolute."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import interpreters
from figures import Figure, Group, span
from pumpctl import sim
from pumpctl.pump import Pump
from pumpctl.testing import job_symbols

_IMAGE = interpreters.ROOT / "build/firmware/rpi_pico/pump-release.bin"
_DEVELOPMENT = _IMAGE.with_name("pump-dev.uf2")
_CTRL_C = 3
_HOUR_MS = span(3_600_000, 180_000)  # the short run shows only that the code runs: some strokes are enough
_OPEN_MS = span(36_000_000, 600_000)  # until the line is blocked
_BLOCKED_MS = span(3_600_000, 900_000)  # long enough for the alarm
_PERIOD_US = 21_600_000  # of a stroke at 1 mL/day
_PROGRAM_BYTES = 1272 * 1024  # the space for the program, boards/rpi_pico/partition.py
_HOURS14 = span(14 * 24, 1)
_DAYS14_STROKES = _HOURS14 * 1000 // 6
_CYCLES_PER_MS = 125_000
_BATTERY_MAH = 2000
_BATTERY_HOURS = span(6, 1)  # long enough to measure the time awake
# Milliamperes into VSYS at 5 V of a Pico without USB at 125 MHz, measured by users of MicroPython. The tables of the
# data sheets (RP2040, section Power Consumption; Pico, currents of popcorn, BOOTSEL, dormant and sleep) have no row for
# a core that waits with its clocks running, as time.sleep and poll do (mp_event_wait_ms is a WFE).
CURRENTS_MA = {
    "asleep, clocks on": 21.0,  # github.com/micropython/micropython issue 8770: time.sleep(5), bench supply, 1.19
    "asleep, clocks stopped": 0.99,  # the same repository, pull request 8832: machine.lightsleep(5000), same user
    "awake": 42.0,  # no source; assumed to be twice the current asleep. It applies for a thousandth of the time
}
_CLEAR_MS = 2000  # from a stroke's first pressure sample to its last, with a margin


@contextmanager
def switched_on(emulated: bool = True) -> Iterator[tuple[sim.Simulation, Pump]]:
    with sim.Simulation(seed=1, emulated=emulated) as simulation, Pump.connect(simulation.transport()) as pump:
        yield simulation, pump


def infuse(simulation: sim.Simulation, pump: Pump) -> None:
    pump.refill_begin()
    simulation.do("refill", 16_000_000)
    pump.refill_finish(16_000_000, "saline")
    pump.therapy_set("continuous", 1000)
    pump.start()


def power_on() -> list[Figure]:
    """Two times by the device's clock. Power-on to ready to deliver, including self-test and watchdog test (S1); and
    reset to coils off, which the first line of the firmware does. The baseline of both is the first pin that board.py
    drives, timed from the reset of the watchdog test.
    """
    with switched_on() as (simulation, pump):
        (ready,) = [row for row in pump.log() if row.name == "state"]
        status, truth = pump.status(), simulation.truth()
    # The uptime begins with the app. The answer took up to 50 ms to arrive, which is included here.
    app_ms = truth["device_ms"] - status.total_uptime_ms
    coils_off_ms, first_pin_ms = truth["enable_driven_us"] / 1000, truth["direction_driven_us"] / 1000
    return [
        Figure("pico.ready_ms", app_ms + ready.uptime_s * 1000 + ready.ms, "ms", first_pin_ms, 1000),
        Figure("pico.coils_off_ms", coils_off_ms, "ms", first_pin_ms, 20),
    ]


def main_begins() -> list[Figure]:
    """Reset to the first line of main.py. MicroPython enables Ctrl-C just before it runs that file.

    Measured on the development image, which leaves Ctrl-C enabled; both images start in the same way. The baseline is
    the first pin that board.py drives.
    """
    address = job_symbols.addresses(_DEVELOPMENT.with_suffix(".elf"))["mp_interrupt_char"]
    with sim.Simulation(seed=1, emulated=True, image=_DEVELOPMENT) as simulation:
        while simulation.peek(address) != _CTRL_C:
            simulation.run(1)
        main_ms = simulation.elapsed_ms
        simulation.run(200)
        return [Figure("pico.main_ms", main_ms, "ms", simulation.truth()["direction_driven_us"] / 1000, 20)]


def a_day() -> list[Figure]:
    """A day at 1 mL/day without a host; the baseline is an hour with a host that asks every ten seconds."""
    with switched_on() as (simulation, pump):
        infuse(simulation, pump)
        simulation.measure()
        before = simulation.truth()
        for _ in range(span(24, 1)):
            simulation.run(_HOUR_MS)
        after, measured = simulation.truth(), simulation.measure()
        for _ in range(span(360, 5)):
            simulation.run(10_000)
            pump.status()
        asked = simulation.truth()
    starts_us = measured["stroke_starts_us"]
    late_us = [start - starts_us[0] - at * _PERIOD_US for at, start in enumerate(starts_us)]
    late_us = sorted(abs(late - min(late_us)) for late in late_us)
    awake = after["cycles_awake"] - before["cycles_awake"]
    strokes_asked = asked["strokes_seen"] - after["strokes_seen"]
    awake_asked = (asked["cycles_awake"] - after["cycles_awake"]) // strokes_asked
    return [
        Figure("pico.awake_percent", _awake_percent(before, after), "%", _awake_percent(after, asked), 0.5),
        Figure("pico.cycles_per_stroke", awake // len(starts_us), "cycles", awake_asked, None),
        Figure("pico.day_jitter_cycles", measured["jitter_cycles"], "cycles", None, 0),
        Figure("pico.stroke_start_us_p999", late_us[len(late_us) * 999 // 1000], "us", late_us[-1], None),
    ]


def battery() -> list[Figure]:
    """Battery life in days: an estimate for the controller board without motor; no current was measured here.

    Assumes 2,000 mAh at 5 V into VSYS, no USB, 1 mL/day, no host. Left out, for lack of data sheet figures: the TMC2209
    (its VM has a separate supply), pressure and level sensor, pull-ups, alarm light and tone, and the regulator's
    efficiency below 5 V. Real life is shorter. The baseline is the same board in machine.lightsleep, which stops the
    clocks; the firmware doesn't use it.
    """
    with switched_on() as (simulation, pump):
        infuse(simulation, pump)
        before = simulation.truth()
        for _ in range(_BATTERY_HOURS):
            simulation.run(_HOUR_MS)
        awake = _awake_percent(before, simulation.truth()) / 100
    asleep_ma, stopped_ma = CURRENTS_MA["asleep, clocks on"], CURRENTS_MA["asleep, clocks stopped"]
    awake_ma = CURRENTS_MA["awake"]
    days = [_BATTERY_MAH / (awake * awake_ma + (1 - awake) * rest_ma) / 24 for rest_ma in (asleep_ma, stopped_ma)]
    return [Figure("pico.battery_days", round(days[0], 1), "days", round(days[1], 1), None)]


def _awake_percent(before: dict[str, int], after: dict[str, int]) -> float:
    cycles = after["cycles"] - before["cycles"]
    return round(100 * (after["cycles_awake"] - before["cycles_awake"]) / cycles, 4)


def settled_memory(pump: Pump) -> tuple[int, int]:
    """Free and used bytes. Asked twice, because the first collection still finds the previous request on the stack."""
    pump.memory()
    return pump.memory()


def collection_cycles(simulation: sim.Simulation, pump: Pump) -> int:
    """Cycles of one collection: those of `memory`, which collects, less those of `therapy`, which doesn't.

    Measured between two strokes, so that no work for a stroke is included.
    """
    while (pump.status().stroke_in_ms or _CLEAR_MS) < _CLEAR_MS:
        simulation.run(_CLEAR_MS)
    cycles = []
    for ask in (pump.therapy, pump.memory):
        before = simulation.truth()["cycles_awake"]
        ask()
        cycles.append(simulation.truth()["cycles_awake"] - before)
    return cycles[1] - cycles[0]


def memory() -> list[Figure]:
    """Free heap after an hour, its slope over the next day, and the time of a collection every ten minutes of that day.

    The time includes the two passes over the heap in which `memory` counts bytes. Baselines: the whole heap for the
    free heap, the median collection for the longest.
    """
    with switched_on() as (simulation, pump):
        infuse(simulation, pump)
        simulation.run(_HOUR_MS)  # by then all objects made at first use exist
        free_bytes, used_bytes = settled_memory(pump)
        collections_ms = []
        for _ in range(span(24 * 6, 1)):
            simulation.run(_HOUR_MS // 6)
            collections_ms.append(collection_cycles(simulation, pump) / _CYCLES_PER_MS)
        slope = settled_memory(pump)[0] - free_bytes
    usual_ms, longest_ms = round(statistics.median(collections_ms), 2), round(max(collections_ms), 2)
    return [
        Figure("pico.free_heap_bytes", free_bytes, "bytes", free_bytes + used_bytes, 131_072, "least"),
        Figure("pico.free_heap_slope_bytes_day", -slope, "bytes", None, 0),
        Figure("pico.gc_ms", usual_ms, "ms", None, None),
        Figure("pico.gc_ms_max", longest_ms, "ms", usual_ms, None),
    ]


def occlusion_after_ms(emulated: bool) -> int:
    """Milliseconds by the pump's clock from the first start to the alarm of a line that is blocked after hours."""
    with switched_on(emulated) as (simulation, pump):
        infuse(simulation, pump)
        simulation.run(_OPEN_MS)
        simulation.do("block")
        simulation.run(_BLOCKED_MS)
        at_ms = {row.name: row.uptime_s * 1000 + row.ms for row in pump.log()}
    return at_ms["alarm_raised"] - at_ms["phase"]


def same_alarm() -> list[Figure]:
    """Time of the alarm on the emulated Pico; the baseline is the unix build."""
    return [Figure("pico.alarm_after_ms", occlusion_after_ms(True), "ms", occlusion_after_ms(False), None)]


def fourteen_days_s(emulated: bool) -> tuple[float, int]:
    """Wall seconds for 14 days, and the strokes."""
    with switched_on(emulated) as (simulation, pump):
        infuse(simulation, pump)
        began = time.monotonic()
        for _ in range(_HOURS14):
            simulation.run(_HOUR_MS)
        wall_s = time.monotonic() - began
        return wall_s, pump.status().strokes


def days14() -> list[Figure]:
    """The baseline is the unix build; both must make the same number of strokes."""
    (wall_s, strokes), (unix_s, unix_strokes) = fourteen_days_s(True), fourteen_days_s(False)
    return [
        Figure("pico.days14.wall_s", round(wall_s, 1), "s", round(unix_s, 1), 1800),
        Figure("pico.days14.strokes", strokes, "strokes", unix_strokes, _DAYS14_STROKES),
    ]


def size() -> list[Figure]:
    return [Figure("pico.image_bytes", _IMAGE.stat().st_size, "bytes", _PROGRAM_BYTES, _PROGRAM_BYTES)]


GROUPS = [
    Group(("pico.image_bytes",), "size of the release image", size),
    Group(("pico.ready_ms", "pico.coils_off_ms"), "emulated Pico: power-on", power_on),
    Group(("pico.main_ms",), "emulated Pico: reset to main.py", main_begins),
    Group(
        ("pico.awake_percent", "pico.cycles_per_stroke", "pico.day_jitter_cycles", "pico.stroke_start_us_p999"),
        "emulated Pico: a day",
        a_day,
    ),
    Group(("pico.battery_days",), "emulated Pico: estimated battery life", battery),
    Group(
        ("pico.free_heap_bytes", "pico.free_heap_slope_bytes_day", "pico.gc_ms", "pico.gc_ms_max"),
        "emulated Pico: memory",
        memory,
    ),
    Group(("pico.alarm_after_ms",), "emulated Pico and unix: the same alarm", same_alarm),
    Group(("pico.days14.wall_s", "pico.days14.strokes"), "emulated Pico: 14 days (many minutes)", days14),
]
