"""The pump's logic: whole numbers, no hardware, no clock of its own."""
