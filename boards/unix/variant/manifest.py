# Frozen into both unix builds: what the image of a Pico has too, and nothing that wants micropython-lib.
include("$(MPY_DIR)/extmod/asyncio")
