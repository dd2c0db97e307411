"""Sessions: everything that passes between a pump and its clients, in one SQLite file each."""
