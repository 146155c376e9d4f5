"""The health of the marketplace as a report."""
