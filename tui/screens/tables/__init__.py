"""The tables that the screens show."""
