"""The simulated board: simulated parts for the unchanged firmware, which act on the world of hil/plant."""

import gc
import sys

import bench_channel
import options
import sim_annunciator
import sim_clock
import sim_drives
import sim_flash
import sim_hang
import sim_link
import sim_memory
import sim_parts
import sim_power
import sim_store
import sim_watchdog
from drivers.chip import annunciator_gpio
from plant import world as plant_world
from plant.arithmetic import noise as plant_noise
from pump import defs

NAME = "unix"
IMAGE = "sources"
RESTARTS = sim_power.RESTARTS
_KEY_BLOCKS = 2


def reset() -> None:
    """Resets the processor, by one of RESTARTS."""
    power.reset_now(defs.RESET_REQUEST)


def memory_bytes() -> "tuple[int, int]":
    """Bytes of the heap that are free, and in use, after a collection."""
    gc.collect()
    return gc.mem_free(), gc.mem_alloc()


def read_noise(buffer: bytearray) -> None:
    """Numbers that follow from the seed: a simulated pump has no secrets, and every run is like the last."""
    for place in range(len(buffer)):
        buffer[place] = _noise.below(256)


def report(error: Exception) -> None:
    """Prints an unexpected error with its traceback, for the developer."""
    sys.print_exception(error, sys.stderr)


def test_watchdog() -> None:
    """Must run first; after a power-on it raises one of RESTARTS when the watchdog works."""
    watchdog.test(_kept)


def restart(reason: BaseException) -> None:
    """After RESTARTS: outputs are off, bytes on the link are lost, time passes in the world while the power is off."""
    if _kept.tries():  # the test of the watchdog: no part has been used yet
        power.begin(False)
        return
    drive.stop()
    annunciator.show(None, None)
    annunciator.sound(None)
    annunciator.run(clock.ticks_ms())
    _line.drop()
    for _ in range(power.off_s):
        world.advance(1000)
    power.begin(not isinstance(reason, sim_power.Reset))
    watchdog.begin()
    if power.cause == defs.RESET_WATCHDOG:
        hangs.end()
    gc.collect()


def _truth() -> "dict[str, int]":
    truth = {
        "watchdog_longest_ms": watchdog.longest_ms,
        "jobs": hangs.jobs,
        "flash_operations": flash.operations,
        "flash_erases": flash.erases,
        "resets": power.resets,
    }
    truth.update(outputs.truth())
    return truth


_chosen = options.parse(options.given)
KEYS_REQUIRED = _chosen.keys == "yes"  # else a simulated pump takes commands until it is paired
UNIQUE_ID = "simulated-%d" % _chosen.seed
_valves = _chosen.drive == "valves"
if _valves:
    for _name, _value in sim_drives.Valves.WORLD.items():
        _chosen.settings.setdefault(_name, _value)
try:
    world = plant_world.World(_chosen.settings, _chosen.seed)
except ValueError as _error:
    print(_error, file=sys.stderr)
    sys.exit(2)

if _chosen.time != "wall":
    _line = sim_link.BenchLink()
    _clocks = {"host": sim_clock.HostClock, "turns": sim_clock.TurnClock}
    clock = _clocks[_chosen.time](world, _line, _chosen.wake_ms)
else:
    if _chosen.link_fd < 0:
        print("wall time needs --link-fd", file=sys.stderr)
        sys.exit(2)
    _line = sim_link.SerialLink(_chosen.link_fd)
    clock = sim_clock.WallClock(world, _line, max(1, _chosen.speed))
    world.actions.update(clock.actions)
link = sim_link.FaultyLink(_line, _chosen.seed)

if _valves:
    drive = sim_drives.Valves(world)
    step_counter = sim_drives.ValveCounter(world, drive)
else:
    drive = sim_drives.Stepper(world)
    world.actions.update(drive.actions)
    step_counter = sim_drives.StepCounter(world)
DEFAULTS = drive.DEFAULTS
REVERSES = True
pressure = sim_parts.Pressure(world)
level = sim_parts.Level(world)
flow = sim_parts.Flow(world) if _chosen.flow == "yes" else None
flash = sim_flash.Flash(_chosen.flash, _chosen.seed)
keys = sim_flash.Flash(_chosen.flash + ".keys" if _chosen.flash else "", _chosen.seed, _KEY_BLOCKS)
_noise = plant_noise.Noise(_chosen.seed, 31)
store = sim_store.FaultyStore(flash, _chosen.seed, clock.pass_ms)
power = sim_power.Power(flash)
supply = sim_parts.Supply(world, power)
temperature = sim_parts.Temperature(world)
outputs = sim_annunciator.Outputs(clock.ticks_ms)
annunciator = annunciator_gpio.Annunciator(outputs.red, outputs.yellow, outputs.tone)
button = sim_parts.Button()
watchdog = sim_watchdog.Watchdog(clock.ticks_ms)
_kept = sim_watchdog.Kept(power)
cells = sim_memory.Cells()
program = sim_memory.Program()
second_clock = sim_memory.SecondClock(clock.ticks_ms)
hangs = sim_hang.Hangs(clock)
for _part in (link, cells, program, second_clock, power, watchdog, flash, store, hangs):
    world.actions.update(_part.actions)
world.actions["press"] = button.press
world.actions["hold"] = button.hold
clock.power = power
clock.watchdog = watchdog
clock.channel = bench_channel.Channel(world, _truth, outputs.changes)

PARTS = (
    (defs.PART_WATCHDOG, watchdog),
    (defs.PART_STORE, store),
    (defs.PART_SUPPLY, supply),
    (defs.PART_TEMPERATURE, temperature),
    (defs.PART_DRIVE, drive),
    (defs.PART_STEP_COUNTER, step_counter),
    (defs.PART_PRESSURE, pressure),
    (defs.PART_LEVEL, level),
    (defs.PART_BUTTON, button),
    (defs.PART_ANNUNCIATOR, annunciator),
)
