"""Which factors, mix shifts and metric moves make up a change."""
