"""Columns of a table: what their cells are, how they are read, which are rates and which name something."""
