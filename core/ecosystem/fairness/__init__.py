"""Whether ratings and exposure treat groups alike."""
