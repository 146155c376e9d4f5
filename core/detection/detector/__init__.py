"""Decides, day by day, which series have a drop on."""
