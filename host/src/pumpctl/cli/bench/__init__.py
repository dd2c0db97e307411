"""The verbs of measurements."""
