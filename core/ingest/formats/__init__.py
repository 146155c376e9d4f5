"""Bytes to cells: each file format, its encoding, delimiter and header line."""
