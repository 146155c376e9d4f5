"""What columns are called in each language, one TOML file each: exports of one system differ only in that."""
