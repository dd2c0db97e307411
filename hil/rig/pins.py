"""The pins of the rig's Pico; wiring.md has the drawing."""

from micropython import const

SDA = const(2)  # I2C1
SCL = const(3)
STEP = const(10)
DIR = const(11)
ENABLE = const(12)  # active low
BUTTON = const(14)  # low: pressed
RESET = const(15)  # low: pulls the pump's RUN low
LEVEL = const(16)  # PWM, through R and C to the pump's ADC
POWER = const(17)  # high: cuts the pump's supply

I2C = const(1)
I2C_BASE = 0x40048000  # of I2C1; no const, as it is too large for one on some ports
