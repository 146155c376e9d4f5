"""What the health of the marketplace says: plain frozen values."""
