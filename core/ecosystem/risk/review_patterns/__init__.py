"""Leads to bought reviews: when they come, what they give, who writes them."""
