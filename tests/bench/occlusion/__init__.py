"""The occlusion bench: many lines and blocks, and what the detector finds in them."""
