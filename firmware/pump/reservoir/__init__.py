"""What is left in the reservoir: the ledger, the level sensor, the dead volume of the line."""
