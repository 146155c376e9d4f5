"""Many rows into a table at once: rows as finished pages, staged in files of their own."""
