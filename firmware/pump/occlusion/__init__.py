"""The pressure in the line: samples around each stroke, what they say, and what is done about a blocked line."""
