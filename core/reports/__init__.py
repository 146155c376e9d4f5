"""Sentences, formatted numbers and documents: everything that a person reads about a result."""
