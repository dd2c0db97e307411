"""The optional flow sensor: its average, the trim of the stroke volume, and flow that does not arrive."""
