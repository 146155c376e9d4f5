"""Figures, changes and values of cells as people read them."""
