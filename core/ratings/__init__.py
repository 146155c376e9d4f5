"""Rates creators and sellers: how good, how sure, why it changed and what would raise it."""
