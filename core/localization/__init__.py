"""Root-cause segments of a leaf table, with or without a past."""
