"""Finds drops: forecast, detector, data quality, and the scan that turns them into findings."""
