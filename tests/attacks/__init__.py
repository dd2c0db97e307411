"""Attacks on the link of a pump that has keys."""
