"""When a stroke comes and how much it gives."""
