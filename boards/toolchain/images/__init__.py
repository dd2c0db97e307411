"""The images of a board with an RP2 chip."""
