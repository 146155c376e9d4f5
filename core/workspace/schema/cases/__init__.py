"""Cases as records of the workspace."""
