"""What a screen or a command asks for, put together from the rooms below."""
