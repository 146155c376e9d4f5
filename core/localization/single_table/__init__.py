"""Root-cause segments of one table of actual and forecast values; the noise is learnt from the table itself."""
