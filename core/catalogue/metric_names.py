"""What metrics are called in sentences and tables."""

_ABBREVIATIONS = frozenset(("gmv", "ctr", "gpm"))


def metric_words(key: str) -> str:
    """A metric as people read it; commands take it like that as well.

    >>> metric_words("payment_rate"), metric_words("gmv")
    ('payment rate', 'GMV')
    """
    return key.upper() if key in _ABBREVIATIONS else key.replace("_", " ")
