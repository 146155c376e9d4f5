"""What changed by more than chance, where, and who moved it."""
