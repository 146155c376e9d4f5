"""Which encoding a text is in that is not UTF-8."""
