"""Starts the rig: which part hangs on which pin, then passes until `quit` or Ctrl-C."""

import select
import sys
import time

import machine
import rp2

from rig import channel, level_output, mpr_target, pins, rig, step_input

_LEVEL_FULL_NL = 25_000_000  # _LEVEL_FULL_NL of the pump's board.py; trim it here, by what the pump reads
_I2C_HZ = 400_000

_Pin = machine.Pin


def build() -> rig.Rig:
    """The rig on its pins; from here on the pump sees its sensors."""
    machine.I2C(pins.I2C, sda=_Pin(pins.SDA), scl=_Pin(pins.SCL), freq=_I2C_HZ)  # out of reset, and onto its pins
    return rig.Rig(
        # In two PIO blocks, so that flag 0 of the second is the bus's alone.
        step_input.StepInput(
            rp2.StateMachine(0),
            _Pin(pins.STEP, _Pin.IN, _Pin.PULL_DOWN),
            _Pin(pins.DIR, _Pin.IN, _Pin.PULL_DOWN),
            _Pin(pins.ENABLE, _Pin.IN),  # the pump's resistor holds it
        ),
        mpr_target.MprTarget(
            machine.mem32, pins.I2C_BASE, rp2.StateMachine(4), _Pin(pins.SCL), machine.disable_irq, machine.enable_irq
        ),
        level_output.LevelOutput(machine.PWM(_Pin(pins.LEVEL), freq=level_output.FREQUENCY), _LEVEL_FULL_NL),
        _Pin(pins.BUTTON, _Pin.OPEN_DRAIN, value=1),
        _Pin(pins.RESET, _Pin.OPEN_DRAIN, value=1),
        _Pin(pins.POWER, _Pin.OUT, value=0),
        time.ticks_ms,
        time.sleep_ms,
    )


def main() -> None:
    """Passes for ever; whatever ends them, the pump is let go."""
    the_rig = build()
    the_channel = channel.Channel(the_rig, sys.stdin, sys.stdout, select.poll)
    try:
        while the_channel.serve(rig.PASS_MS):
            the_rig.run()
    finally:
        the_rig.let_go()


main()
