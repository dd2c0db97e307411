"""The simulated board: the firmware as it is, over parts that face the world of hil/plant."""

import gc
import sys

import bench_channel
import drivers.annunciator
import options
import sim_clock
import sim_parts
from plant import world as plant_world
from pump import defs

NAME = "unix"
IMAGE = "sources"


def memory_bytes() -> "tuple[int, int]":
    """Bytes of the heap that are free, and in use, after a collection."""
    gc.collect()
    return gc.mem_free(), gc.mem_alloc()


def report(error: Exception) -> None:
    """Prints an error that nobody expected, with its trace, for the developer."""
    sys.print_exception(error, sys.stderr)


def _truth() -> "dict[str, int]":
    truth = {
        "watchdog_longest_ms": watchdog.longest_ms,
        "heap_free_bytes": gc.mem_free(),
        "heap_used_bytes": gc.mem_alloc(),
    }
    truth.update(lamps.truth())
    return truth


_chosen = options.parse(sys.argv[1:])
try:
    world = plant_world.World(_chosen.settings, _chosen.seed)
except ValueError as _error:
    print(_error, file=sys.stderr)
    sys.exit(2)

if _chosen.time == "host":
    link = sim_parts.BenchLink()
    clock = sim_clock.HostClock(world, link, _chosen.wake_ms)
else:
    if _chosen.link_fd < 0:
        print("wall time needs --link-fd", file=sys.stderr)
        sys.exit(2)
    link = sim_parts.SerialLink(_chosen.link_fd)
    clock = sim_clock.WallClock(world, link, max(1, _chosen.speed))

drive = sim_parts.Drive(world)
pressure = sim_parts.Pressure(world)
level = sim_parts.Level(world)
lamps = sim_parts.Lamps(clock.ticks_ms)
annunciator = drivers.annunciator.Annunciator(lamps.red, lamps.yellow, lamps.tone)
watchdog = sim_parts.Watchdog(clock.ticks_ms)
clock.channel = bench_channel.Channel(world, _truth, lamps.changes)

PARTS = (
    (defs.PART_DRIVE, drive),
    (defs.PART_PRESSURE, pressure),
    (defs.PART_LEVEL, level),
    (defs.PART_ANNUNCIATOR, annunciator),
)
