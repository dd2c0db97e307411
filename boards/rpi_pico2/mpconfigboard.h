// The pump's Pico 2; storage.cmake sets MICROPY_HW_FLASH_STORAGE_BYTES from partition.py.
#define MICROPY_HW_BOARD_NAME "Pump on a Raspberry Pi Pico 2"

// As on the Pico.
#define MICROPY_OPT_MAP_LOOKUP_CACHE_SIZE (1024)

#define MICROPY_PY___FILE__ (0)

// As on the Pico.
#define MICROPY_ENABLE_PYSTACK (1)
#define MICROPY_BOARD_EARLY_INIT() \
    static mp_obj_t frames[1024]; \
    mp_pystack_init(frames, frames + MP_ARRAY_SIZE(frames))

#ifndef MICROPY_HW_FLASH_STORAGE_BYTES
#error "partition.py was not read"
#endif
