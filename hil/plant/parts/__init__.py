"""The hardware that the world sees or drives: drive, valves, counter, sensors, flash, and their faults."""
