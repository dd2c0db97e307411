// The Pico of the pump; MICROPY_HW_FLASH_STORAGE_BYTES comes from partition.py by way of storage.cmake.
#define MICROPY_HW_BOARD_NAME "Pump on a Raspberry Pi Pico"

// Entries. With the default of 128 the names used by one pressure sample evict each other; about half of this is used.
#define MICROPY_OPT_MAP_LOOKUP_CACHE_SIZE (1024)

#ifndef MICROPY_HW_FLASH_STORAGE_BYTES
#error "partition.py was not read"
#endif
