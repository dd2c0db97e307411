"""The HTML report with its plots."""
