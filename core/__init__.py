"""All that whydrop computes; knows no terminal."""

__version__ = "0.1.0"
