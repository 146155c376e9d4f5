"""What every room uses: errors, days and windows, segments, settings, array types, values that print as JSON."""
