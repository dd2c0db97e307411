# Release image: the development image with a frozen boot.py, so that the file system runs nothing before the firmware.
include("manifest_dev.py")
module("boot.py")
