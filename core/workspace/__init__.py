"""The store: one SQLite file, written by loads and read as cubes and columns."""
