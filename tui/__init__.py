"""The terminal: commands and screens. Computes nothing."""
