"""Affiliate match-making: which creator should sell which product, why, and what to expect."""
