// The pump's Pico; storage.cmake sets MICROPY_HW_FLASH_STORAGE_BYTES from partition.py.
#define MICROPY_HW_BOARD_NAME "Pump on a Raspberry Pi Pico"

// Number of entries. With the default of 128 the names used by one pressure sample evict each other; about half are used.
#define MICROPY_OPT_MAP_LOOKUP_CACHE_SIZE (1024)

// No module of the firmware reads its __file__; without it each of some 110 modules takes less heap.
#define MICROPY_PY___FILE__ (0)

// Call frames of Python functions have a stack of their own (tests/emulator/test_stacks.py measures its use). By default a
// frame above 11 words comes from the heap, where each call searches for free blocks from the lowest one on: a fifth of the
// time awake (make bench ONLY=pico.awake_percent). This also takes 1 KiB off the C stack, which has 8 KiB.
#define MICROPY_ENABLE_PYSTACK (1)
#define MICROPY_BOARD_EARLY_INIT() \
    static mp_obj_t frames[1024]; \
    mp_pystack_init(frames, frames + MP_ARRAY_SIZE(frames))

#ifndef MICROPY_HW_FLASH_STORAGE_BYTES
#error "partition.py was not read"
#endif
