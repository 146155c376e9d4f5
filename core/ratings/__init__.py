"""Who delivers good work, how sure that is, why it changed and what would raise it."""
