"""The whole firmware in random scenarios, checked by oracles against the simulated world. Start with `run.py`."""
