"""Incidents: series that fell together, put together, located and priced. What `scan` reports."""
