# Release image: the development image and an own boot.py, so that none of the file system runs before the firmware.
include("manifest_dev.py")
module("boot.py")
