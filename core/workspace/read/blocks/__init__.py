"""Columns of whole tables in blocks of days, and what is kept of them between runs."""
