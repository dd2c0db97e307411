"""Output and questions of the command line: texts, tables, confirmation, the guided refill."""
