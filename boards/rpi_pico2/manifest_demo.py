# The Pico's files, with this board's own partition.py.
include("../rpi_pico/manifest_demo.py")
