"""Measures that are a multiple of what is usual, and are so no more."""
