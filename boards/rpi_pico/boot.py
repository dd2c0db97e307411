"""Stands in for a boot.py of the file system: in a release image nothing runs from there."""
