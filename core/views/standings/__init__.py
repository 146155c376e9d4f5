"""Where creators and sellers stand, and who moved."""
