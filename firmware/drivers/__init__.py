"""Real parts, one a file: what the part is asked and what it answers, and no policy."""
