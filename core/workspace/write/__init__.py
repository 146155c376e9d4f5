"""Loads: rows into the workspace, one transaction a file, nothing counted twice."""
