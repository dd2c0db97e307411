// The pump's Pico; storage.cmake sets MICROPY_HW_FLASH_STORAGE_BYTES from partition.py.
#define MICROPY_HW_BOARD_NAME "Pump on a Raspberry Pi Pico"

// Number of entries. With the default of 128 the names used by one pressure sample evict each other; about half are used.
#define MICROPY_OPT_MAP_LOOKUP_CACHE_SIZE (1024)

// No module of the firmware reads its __file__; without it each of some 110 modules takes less heap.
#define MICROPY_PY___FILE__ (0)

// Frames of functions have a stack of their own, of 4 KiB; tests/emulator/test_stacks.py says how much of it is used. By
// default a frame above 11 words comes from the heap, where each call looks for room from the first hole on: a fifth of the
// time awake (make bench ONLY=pico.awake_percent). It also takes 1 KiB off the stack of C, which has 8 KiB.
#define MICROPY_ENABLE_PYSTACK (1)
#define MICROPY_BOARD_EARLY_INIT() \
    static mp_obj_t frames[1024]; \
    mp_pystack_init(frames, frames + MP_ARRAY_SIZE(frames))

#ifndef MICROPY_HW_FLASH_STORAGE_BYTES
#error "partition.py was not read"
#endif
