"""Columns of an export to columns of a kind."""
