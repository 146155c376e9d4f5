"""One person or shop: every rating, why it moved, the rows behind it, and what would raise it."""
