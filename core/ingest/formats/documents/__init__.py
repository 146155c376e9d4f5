"""Formats that are read by libraries or as a whole: workbooks, Parquet, pages, JSON."""
