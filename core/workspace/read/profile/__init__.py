"""What the stored rows look like, and how they came in: what checks of the data ask."""
