"""The verbs around the program itself: the table of all verbs, the ports of this computer."""
