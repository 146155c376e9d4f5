"""Explains a change: where it is, which factors moved, which causes fit."""
