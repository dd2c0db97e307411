"""Therapy plans: phases, and the files that hold them."""
