"""Base measures and metrics, and the tree in which metrics are products of one another."""
