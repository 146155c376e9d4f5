"""Tables whose rows are not a day or a slice each: turned into such."""
