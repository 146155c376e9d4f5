"""How one table is read: what its columns become, which of its rows are data, what tells them apart."""
