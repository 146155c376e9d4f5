"""Writers of reports and tables: text for terminals, Markdown, HTML, JSON, CSV, TSV, Parquet."""
