"""Tables that say more of what the rows of others name by a key."""
