"""Tests of pages, forms and the workflow."""
