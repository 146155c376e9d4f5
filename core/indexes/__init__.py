"""Indexes: figures that are counted for a window and a segment as a whole: buyers, repeat purchases, satisfaction."""
