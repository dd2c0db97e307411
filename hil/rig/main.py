"""Builds the rig on its pins and runs it until `quit` or Ctrl-C."""

import select
import sys
import time

import machine
import rp2

from rig import channel, level_output, mpr_target, pins, rig, step_input

_LEVEL_FULL_NL = 25_000_000  # as in the pump's board.py; adjust it until the pump reads the right level
_I2C_HZ = 400_000

_Pin = machine.Pin


def build() -> rig.Rig:
    """Makes the rig on its pins; from then on the pump can read its sensors."""
    # Takes the block out of reset and connects its pins.
    machine.I2C(pins.I2C, sda=_Pin(pins.SDA), scl=_Pin(pins.SCL), freq=_I2C_HZ)
    return rig.Rig(
        # State machines in two PIO blocks, so that only the bus uses flag 0 of the second.
        step_input.StepInput(
            rp2.StateMachine(0),
            _Pin(pins.STEP, _Pin.IN, _Pin.PULL_DOWN),
            _Pin(pins.DIR, _Pin.IN, _Pin.PULL_DOWN),
            _Pin(pins.ENABLE, _Pin.IN),  # the pump has the pull-up
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
    """Runs passes; at the end, also after an error, releases button, RUN and supply of the pump."""
    the_rig = build()
    the_channel = channel.Channel(the_rig, sys.stdin, sys.stdout, select.poll)
    try:
        while the_channel.serve(rig.PASS_MS):
            the_rig.run()
    finally:
        the_rig.release()


main()
