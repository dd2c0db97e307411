"""What can only stop the pump or hold it back: supervisor, guards, tests of the hardware."""
