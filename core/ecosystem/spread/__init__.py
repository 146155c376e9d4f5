"""How unequally exposure and sales are spread."""
