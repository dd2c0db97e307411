"""Tests of what people read: pages, forms, the workflow."""
