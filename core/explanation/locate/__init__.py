"""Where a change is and since when."""
