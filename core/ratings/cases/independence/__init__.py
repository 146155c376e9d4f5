"""How much of the evidence comes from buyers, orders and reviews that are independent of one another."""
