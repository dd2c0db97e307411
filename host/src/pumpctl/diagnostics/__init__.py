"""Diagnosis of a pump: doctor, records from a raw journal, the time of day of the log."""
