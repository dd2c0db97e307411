"""The demo: a bare Pico with a simulated drive, line and sensors inside (hil/plant). Nothing has to be attached.

Chip, flash, link, LED, supply and temperature are the real ones, and so is the program; `pumpctl` sees a pump.
"""

import gc
import io
import os
import select
import sys
import time

import build_info
import machine
import pins
import repl_lock
import reset_cause
import sim_drives
import sim_parts
import storage
from drivers.chip import (
    annunciator_gpio,
    button_gpio,
    clock_pico,
    link_usb,
    program_crc,
    store_flash,
    supply_adc,
    temperature_die,
    watchdog,
)
from plant import world as plant_world
from pump import defs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pump import app

NAME = build_info.BOARD + "_demo"
IMAGE = build_info.IMAGE
UNIQUE_ID = machine.unique_id().hex()  # also the USB serial number
DEFAULTS: "dict[int, int]" = {}
REVERSES = True
KEYS_REQUIRED = False

_SEED = 1
_TONE_HZ = 800
_CELLS = 64
_FLASH_ADDRESS = 0x10000000

_Pin = machine.Pin

_world = plant_world.World({}, _SEED)


class Clock(clock_pico.PicoClock):
    """The Pico's clock; the world follows it in each wait, and its reservoir what the operator enters."""

    def __init__(self) -> None:
        super().__init__(time.ticks_ms, select.poll(), (sys.stdin,))
        self._followed = time.ticks_ms()
        self._ledger_nl: "callable | None" = None
        self._filled_nl = -1

    def follow(self, ledger_nl: "callable") -> None:
        """From now on the world is refilled whenever the pump's ledger rises: an operator has entered a refill."""
        self._ledger_nl = ledger_nl
        self._refill()

    def wait_ms(self, span_ms: int) -> None:
        super().wait_ms(span_ms)
        now = time.ticks_ms()
        _world.advance(time.ticks_diff(now, self._followed))
        self._followed = now
        self._refill()

    def _refill(self) -> None:
        if self._ledger_nl is None:
            return
        left_nl = self._ledger_nl()
        if left_nl > self._filled_nl > -1 or (self._filled_nl < 0 < left_nl):
            _world.actions["refill"](left_nl)
        self._filled_nl = left_nl


clock = Clock()
link = link_usb.UsbLink(sys.stdin, sys.stdout, select.poll, ctrl_c=repl_lock.is_open)
watchdog = watchdog.Watchdog(
    repl_lock.NoTimer if repl_lock.is_open else machine.WDT,
    reset_cause.watchdog_tested,
    reset_cause.WATCHDOG_MS,
    _Pin(pins.LIGHT, _Pin.OUT, value=0),
)
_Pin(pins.POWER_SAVE, _Pin.OUT, value=1)

drive = sim_drives.Stepper(_world)
step_counter = sim_drives.StepCounter(_world)
pressure = sim_parts.Pressure(_world)
level = sim_parts.Level(_world)
flow = None
supply = supply_adc.Supply(machine.ADC(pins.SUPPLY), reset_cause.cause)
temperature = temperature_die.DieTemperature(machine.ADC(machine.ADC.CORE_TEMP))
annunciator = annunciator_gpio.Annunciator(
    _Pin(pins.RED, _Pin.OUT, value=0),
    _Pin(pins.YELLOW, _Pin.OUT, value=0),
    machine.PWM(_Pin(pins.BUZZER), freq=_TONE_HZ, duty_u16=0),
)
button = button_gpio.Button(_Pin(pins.BUTTON, _Pin.IN, _Pin.PULL_UP))
cells = bytearray(_CELLS)
program = program_crc.ProgramFlash(_FLASH_ADDRESS, int(build_info.LENGTH, 16))
second_clock = None
store = store_flash.FlashStore(storage.journal())
keys = store_flash.FlashStore(storage.keys())

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


def attach(pump: "app.App") -> None:
    """Called with the pump before it runs."""
    clock.follow(pump.controller.reservoir.ledger_nl)


def reset() -> None:
    """Resets the processor; the next start's cause is a request."""
    machine.reset()


def read_noise(buffer: bytearray) -> None:
    """Raw bits of the ring oscillator."""
    buffer[:] = os.urandom(len(buffer))


def memory_bytes() -> "tuple[int, int]":
    """Bytes of the heap that are free, and in use, after a collection."""
    gc.collect()
    return gc.mem_free(), gc.mem_alloc()


def report(error: Exception) -> None:
    """Sends an unexpected error as device log, as much as fits without waiting for the host."""
    text = io.StringIO()
    text.write("\n")
    sys.print_exception(error, text)
    link.write(text.getvalue().encode())
