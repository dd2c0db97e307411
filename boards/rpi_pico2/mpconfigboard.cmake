# Board definition of the Pico 2 (RP2350, ARM cores) for MicroPython's build.
set(PICO_BOARD "pico2")
set(PICO_PLATFORM "rp2350-arm-s")

include(${CMAKE_CURRENT_LIST_DIR}/../rpi_pico/storage.cmake)
