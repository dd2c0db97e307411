"""What outlasts a reset: strokes, events and settings in flash."""
