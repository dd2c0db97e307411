# Release image: the development image with a frozen boot.py, so that nothing in the file system runs before the firmware.
include("manifest_dev.py")
module("boot.py")
