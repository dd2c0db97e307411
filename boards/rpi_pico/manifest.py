# Release image: as the development image, and no boot.py of the file system runs before the firmware.
include("manifest_dev.py")
module("boot.py")
