"""Host side of the very-low-flow pump controller: wire format, link, pump, simulated pump, command line."""

__version__ = "0.1.0"
