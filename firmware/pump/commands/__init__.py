"""The commands of the link, one file per subject."""
