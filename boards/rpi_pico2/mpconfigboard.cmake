# The Pico 2 (RP2350, its ARM cores) as MicroPython's build knows it.
set(PICO_BOARD "pico2")
set(PICO_PLATFORM "rp2350-arm-s")

include(${CMAKE_CURRENT_LIST_DIR}/../rpi_pico/storage.cmake)
