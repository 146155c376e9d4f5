"""How shoppers flow through the channels: funnels, what moved GMV between and inside them, and what a shift would do."""
