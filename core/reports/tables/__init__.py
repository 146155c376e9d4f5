"""Results as neutral tables, which screens, commands and files write."""
