"""The pins of the board; wiring.md has the drawing."""

from micropython import const

UART_LINK_TX = const(0)
UART_LINK_RX = const(1)
VALVE_SENSE_INLET = const(2)  # optional
VALVE_SENSE_OUTLET = const(3)  # optional
I2C_SDA = const(4)
I2C_SCL = const(5)
DRIVER_TX = const(8)
DRIVER_RX = const(9)
STEP = const(10)
DIR = const(11)
ENABLE = const(12)  # active low
DIAG = const(13)
BUTTON = const(14)
BUZZER = const(15)
RED = const(16)
YELLOW = const(17)
JUMPER = const(18)  # to ground: the REPL lock is open
VALVE_INLET = const(20)  # optional; the driver wants three consecutive pins
VALVE_CHAMBER = const(21)  # optional
VALVE_OUTLET = const(22)  # optional
POWER_SAVE = const(23)  # inside the Pico: high for a supply without ripple
LIGHT = const(25)  # inside the Pico: the LED
LEVEL = const(26)  # ADC0
BRIDGE_DATA = const(27)  # optional, HX711
BRIDGE_CLOCK = const(28)  # optional
SUPPLY = const(29)  # ADC3, VSYS/3
