// The unix build with a Pico's sizes: single floats, and under -m32 small integers below 2^30 and ticks that wrap at 2^30.

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_FLOAT)

// Number of entries. With the default of 128 the names of firmware and world evict each other; about half are used.
// docs/testing.md has what was measured.
#define MICROPY_OPT_MAP_LOOKUP_CACHE_SIZE (4096)

#ifdef __LP64__
// Second best, where gcc has no -m32: integers stay wide, the ticks wrap as on the Pico.
#define MICROPY_PY_TIME_TICKS_PERIOD (1LL << 30)
#endif

// After the defines: it sets doubles and leaves alone what is set here.
#include "variants/mpconfigvariant_common.h"
