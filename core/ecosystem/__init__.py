"""The health of the marketplace: concentration, newcomers, fairness, service quality, risk."""
