"""The physical world of a very-low-flow pump, in whole numbers: start at `world.World`."""
