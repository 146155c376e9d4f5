"""Cells to values: numbers, money, days and moments, a whole column at a time."""
