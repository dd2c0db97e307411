"""Writes images and files to boards: BOOTSEL, UF2, mpremote, deploy."""
