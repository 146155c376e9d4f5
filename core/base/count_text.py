"""A number of things as a sentence names it."""


def count(number: int, noun: str, plural: str = "") -> str:
    """A number of things; `plural` where it is not the noun and an s.

    >>> count(1, "row"), count(5164, "order line"), count(2, "match", "matches")
    ('1 row', '5,164 order lines', '2 matches')
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
