"""Rows into tables: new ones written, corrected ones replaced, nothing twice."""
