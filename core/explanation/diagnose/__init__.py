"""Which known causes and events fit a change, and which are ruled out."""
