"""Metrics, base measures and how they hang together: data (TOML) and one loader that validates it."""
