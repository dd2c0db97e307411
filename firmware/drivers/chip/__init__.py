"""Parts of the Pico itself.

annunciator_gpio   lights and buzzer of the alarms
bus_i2c            the I2C bus; frees it when a part holds a line
button_gpio        a key between a pin and ground
clock_pico         milliseconds, and a sleep that ends when bytes arrive on the link
link_uart          the link over a UART
link_usb           the link over USB CDC
program_crc        CRC-32 of the program in flash
store_flash        the journal's flash area
supply_adc         supply voltage and cause of the last reset
temperature_die    temperature of the processor's die
watchdog           hardware watchdog
"""
