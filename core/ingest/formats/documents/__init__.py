"""Formats that hold whole documents: workbooks, pages, JSON."""
