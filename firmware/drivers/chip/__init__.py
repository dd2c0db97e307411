"""Parts of the Pico itself: clock, flash, links, supply, temperature, lights, button, watchdog."""
