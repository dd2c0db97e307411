"""Benches behind labgrid: a farm on this computer (`run`), and a visit to a place of any farm (`visit`)."""
