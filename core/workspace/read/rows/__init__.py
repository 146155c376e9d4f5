"""Rows of exports as columns of numbers, for analyses that look at each of them."""
