"""The command line, one file per subject."""

import gc

# A verb loads some 20,000 objects that the garbage collector tracks, and almost none becomes garbage. With Python's own
# limit of 700 new objects, the collector looks through them 39 times before the verb is done.
gc.set_threshold(50_000)
