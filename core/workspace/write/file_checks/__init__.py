"""Checks of a file against itself and earlier ones: what would count twice, or replace what it does not correct."""
