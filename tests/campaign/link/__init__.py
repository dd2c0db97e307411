"""Random faults of the link: texts against a strict reference, and exchanges among foreign lines."""
