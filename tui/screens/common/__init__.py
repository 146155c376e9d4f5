"""What screens share: asking the core, filtering, exporting, helping, and what opens over a screen."""
