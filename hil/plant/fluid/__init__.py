"""Where the fluid is: reservoir, line, air, vessel."""
