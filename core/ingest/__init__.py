"""Reads exports: any format into typed columns of a known kind, and the rows that were refused."""
