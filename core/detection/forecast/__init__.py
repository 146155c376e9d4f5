"""The expected value of every daily series, with intervals."""
