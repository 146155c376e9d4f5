"""What metrics are called in sentences and tables."""

_ABBREVIATIONS = frozenset(("gmv", "ctr", "gpm"))


def metric_words(key: str) -> str:
    """A metric as people read it; commands take it like that as well.

    >>> metric_words("payment_rate"), metric_words("gmv"), metric_words("gmv_per_order")
    ('payment rate', 'GMV', 'GMV per order')
    """
    return " ".join(word.upper() if word in _ABBREVIATIONS else word for word in key.split("_"))
