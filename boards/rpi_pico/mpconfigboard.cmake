# Board definition of the Pico for MicroPython's build.
set(PICO_BOARD "pico")
set(PICO_PLATFORM "rp2040")

include(${CMAKE_CURRENT_LIST_DIR}/storage.cmake)
