"""Who did how much in which week: members, their groups, who comes and goes."""
