"""Images onto a board: BOOTSEL, UF2, mpremote, deploy."""
