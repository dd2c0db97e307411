"""Bench tests on a farm of boards that labgrid manages.

    borrow.py      reserves a place of a farm, runs the bench tests there, gives it back
    farm_demo.py   a farm on this computer: two emulated pumps and two borrowers
    places.yaml    the places of that farm
    exporter.yaml  the serial ports of that farm
    loopback/      ser2net, restricted to this computer
"""
