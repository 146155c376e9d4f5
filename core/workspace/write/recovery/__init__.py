"""Taking loads back, and saving what can be read of a damaged workspace."""
