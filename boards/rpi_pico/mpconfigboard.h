// The Pico of the pump; MICROPY_HW_FLASH_STORAGE_BYTES comes from partition.py by way of storage.cmake.
#define MICROPY_HW_BOARD_NAME "Pump on a Raspberry Pi Pico"

// Half of it is used: with the default 128 the names of one look at the pressure push each other out.
#define MICROPY_OPT_MAP_LOOKUP_CACHE_SIZE (1024)

#ifndef MICROPY_HW_FLASH_STORAGE_BYTES
#error "partition.py was not read"
#endif
