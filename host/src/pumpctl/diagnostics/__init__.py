"""Finding out why a pump does not run: doctor, journal images, the clock of the log."""
