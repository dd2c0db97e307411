"""The serial link: lines in, lines out, and their format."""
