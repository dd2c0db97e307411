"""The bench rig: a second Pico that plays line and sensors for a real pump; wiring.md draws it."""
