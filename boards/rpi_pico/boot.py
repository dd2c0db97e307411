"""Replaces a boot.py in the file system, so that a release image runs nothing from there."""
