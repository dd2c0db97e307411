"""Rules about imports and folders: firmware, host, bench, tests."""
