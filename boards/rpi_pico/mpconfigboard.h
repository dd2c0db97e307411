// The pump's Pico; storage.cmake sets MICROPY_HW_FLASH_STORAGE_BYTES from partition.py.
#define MICROPY_HW_BOARD_NAME "Pump on a Raspberry Pi Pico"

// Number of entries. With the default of 128 the names used by one pressure sample evict each other; about half are used.
#define MICROPY_OPT_MAP_LOOKUP_CACHE_SIZE (1024)

// No module of the firmware reads its __file__; without it each of some 110 modules takes less heap.
#define MICROPY_PY___FILE__ (0)

#ifndef MICROPY_HW_FLASH_STORAGE_BYTES
#error "partition.py was not read"
#endif
