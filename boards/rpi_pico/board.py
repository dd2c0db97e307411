"""The Pico with a stepper pump: which part is on which pin; wiring.md has the drawing."""

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
import rp2
import storage
from drivers.chip import (
    annunciator_gpio,
    bus_i2c,
    button_gpio,
    clock_pico,
    link_usb,
    program_crc,
    store_flash,
    supply_adc,
    temperature_die,
    watchdog,
)
from drivers.motion import drive_stepper_pio, motor_tmc2209
from drivers.sensors import counter_pio, level_adc, pressure_mpr
from pump import defs

NAME = build_info.BOARD
UNIQUE_ID = machine.unique_id().hex()  # also the USB serial number
DEFAULTS: "dict[int, int]" = {}
REVERSES = True
KEYS_REQUIRED = True  # a pump that was never paired answers questions and stops, no more

# For the parts in wiring.md; change these numbers for another sensor or reservoir.
_PRESSURE_RANGE_PA = (0, 206843)  # MPR…0030PG…: 30 psi gauge
_LEVEL_FULL_NL = 25_000_000  # at 3.3 V
_COIL_RUN_MA = 300
_SENSE_MOHM = 110
_MICROSTEPS = 16  # what MS1 and MS2 at VIO give a driver that was reset, too
_DRIVER_NODE = 3  # by the same straps
_TONE_HZ = 800
_CELLS = 64
_FLASH_ADDRESS = 0x10000000  # of the flash, on both chips
_I2C_HZ = 400_000
_I2C_TIMEOUT_US = 5_000

_Pin = machine.Pin

clock = clock_pico.PicoClock(time.ticks_ms, select.poll(), (sys.stdin,))
link = link_usb.UsbLink(sys.stdin, sys.stdout, select.poll, ctrl_c=repl_lock.is_open)
# Without a watchdog if the REPL is open: it would reset a chip that waits at the prompt.
watchdog = watchdog.Watchdog(
    repl_lock.NoTimer if repl_lock.is_open else machine.WDT,
    reset_cause.watchdog_tested,
    reset_cause.WATCHDOG_MS,
    _Pin(pins.LIGHT, _Pin.OUT, value=0),
)

# The supply of the Pico saves power by default, with a ripple that the converter sees (Pico data sheet, 4.3).
_Pin(pins.POWER_SAVE, _Pin.OUT, value=1)

driver = motor_tmc2209.Tmc2209(
    machine.UART(1, 115200, tx=_Pin(pins.DRIVER_TX), rx=_Pin(pins.DRIVER_RX), timeout=2, rxbuf=64),
    node=_DRIVER_NODE,
    run_ma=_COIL_RUN_MA,
    sense_mohm=_SENSE_MOHM,
    microsteps=_MICROSTEPS,
)
drive = drive_stepper_pio.PioStepper(
    rp2.StateMachine(0), _Pin(pins.STEP), _Pin(pins.ENABLE), driver, direction=_Pin(pins.DIR, _Pin.OUT, value=0)
)
step_counter = counter_pio.StepCounter(rp2.StateMachine(4), _Pin(pins.STEP))  # in the other PIO block

_sda = _Pin(pins.I2C_SDA)
_scl = _Pin(pins.I2C_SCL)


def _begin_i2c() -> machine.I2C:
    return machine.I2C(0, sda=_sda, scl=_scl, freq=_I2C_HZ, timeout=_I2C_TIMEOUT_US)


bus = bus_i2c.I2cBus(_begin_i2c, _sda, _scl, time.sleep_us)
pressure = pressure_mpr.HoneywellMpr(bus, *_PRESSURE_RANGE_PA)
level = level_adc.AdcLevel(machine.ADC(pins.LEVEL), 0, 65535, _LEVEL_FULL_NL)
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
second_clock = None  # all clocks of this board run from one crystal
store = store_flash.FlashStore(storage.journal())
keys = store_flash.FlashStore(storage.keys())

# The self-test calls `check` of these parts, in this order.
# Where the REPL is closed the file system isn't used, whatever is in it.
PARTS = (
    (defs.PART_WATCHDOG, watchdog),
    (defs.PART_STORE, store),
    (defs.PART_SUPPLY, supply),
    (defs.PART_TEMPERATURE, temperature),
    (defs.PART_DRIVER, driver),
    (defs.PART_DRIVE, drive),
    (defs.PART_STEP_COUNTER, step_counter),
    (defs.PART_BUS, bus),
    (defs.PART_PRESSURE, pressure),
    (defs.PART_LEVEL, level),
    (defs.PART_BUTTON, button),
    (defs.PART_ANNUNCIATOR, annunciator),
) + (((defs.PART_FILE_SYSTEM, storage),) if repl_lock.is_open else ())


def image_name() -> str:
    """Hash of the running image; ends in +files if files of `make deploy` replace some of its modules."""
    if repl_lock.is_open:
        import deployed

        if deployed.names:
            return build_info.IMAGE + "+files"
    return build_info.IMAGE


IMAGE = image_name()


def attach(pump: object) -> None:
    """Called with the pump before it runs: these parts need nothing of it."""


def reset() -> None:
    """Resets the processor; the next start's cause is a request."""
    machine.reset()


def memory_bytes() -> "tuple[int, int]":
    """Bytes of the heap that are free, and in use, after a collection."""
    gc.collect()
    return gc.mem_free(), gc.mem_alloc()


def read_noise(buffer: bytearray) -> None:
    """Raw bits of the ring oscillator."""
    buffer[:] = os.urandom(len(buffer))


def report(error: Exception) -> None:
    """Sends an unexpected error as device log, as much as fits without waiting for the host."""
    text = io.StringIO()
    text.write("\n")
    sys.print_exception(error, text)
    link.write(text.getvalue().encode())
