"""Whether the data can be trusted: gaps, partial days, double loads, changed definitions."""
