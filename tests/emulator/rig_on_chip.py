"""Runs on the (emulated) Pico: the rig's parts on the real assembler, the real interrupt and the chip's own registers.

Prints one line of JSON. The heap is locked where an interrupt would find it locked.
"""

import json
import time

import machine
import micropython
import rp2
import uctypes
from rig import level_output, mpr_target, pins, step_input

_Pin = machine.Pin
_RAW, _DATA, _CON, _SAR, _ENABLE = 0x34, 0x10, 0x00, 0x08, 0x6C
_READ_REQUEST = 0x20


def _steps():
    """Steps counted of 7 without current and of 23 with current."""
    step = _Pin(pins.STEP, _Pin.OUT, value=0)
    enable = _Pin(pins.ENABLE, _Pin.OUT, value=1)
    counter = step_input.StepInput(rp2.StateMachine(0), step, _Pin(pins.DIR, _Pin.IN, _Pin.PULL_DOWN), enable)
    taken = []
    for number in (7, 23):
        for _ in range(number):
            step.value(1)
            time.sleep_us(5)
            step.value(0)
            time.sleep_us(5)
        taken.append(counter.read())
        enable.value(0)
    return taken


def _answers():
    """Whether a clock held for 5, 20 and 300 us is answered; here the I2C block is an area of memory."""
    memory = bytearray(256)
    base = uctypes.addressof(memory)
    registers = machine.mem32
    scl = _Pin(pins.SCL, _Pin.OUT, value=1)
    target = mpr_target.MprTarget(registers, base, rp2.StateMachine(4), scl, machine.disable_irq, machine.enable_irq)
    target.give(13000)
    registers[base + _RAW] = _READ_REQUEST
    seen = []
    micropython.heap_lock()
    target._accept(0x8AA)
    target._accept(0)
    target._accept(0)
    micropython.heap_unlock()
    for held_us in (5, 20, 300):
        registers[base + _DATA] = 0x1FF
        micropython.heap_lock()
        scl.value(0)
        time.sleep_us(held_us)
        scl.value(1)
        time.sleep_us(200)
        micropython.heap_unlock()
        seen.append(registers[base + _DATA] == target._reply[3])
    return seen, target.conversions


def _block():
    """The chip's own I2C block as the target sets it up; serving it allocates nothing."""
    machine.I2C(pins.I2C, sda=_Pin(pins.SDA), scl=_Pin(pins.SCL), freq=400000)
    registers = machine.mem32
    target = mpr_target.MprTarget(
        registers, pins.I2C_BASE, rp2.StateMachine(4), _Pin(pins.SCL), machine.disable_irq, machine.enable_irq
    )
    micropython.heap_lock()
    target.serve()
    micropython.heap_unlock()
    return [registers[pins.I2C_BASE + offset] for offset in (_CON, _SAR, _ENABLE)]


def _level():
    """The PWM's output for 16 mL."""
    pwm = machine.PWM(_Pin(pins.LEVEL), freq=level_output.FREQUENCY)
    level_output.LevelOutput(pwm, 25000000).show(16000000)
    return pwm.duty_u16(), pwm.freq()


print(json.dumps({"steps": _steps(), "answers": _answers(), "block": _block(), "level": _level()}))
