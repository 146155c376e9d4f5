"""The evidence: what became of each order, and which scorecard it counts for."""
