"""Where a figure is next to the range that was expected of it."""


def is_within(value: float, interval: tuple[float, float]) -> bool:
    """Whether a value is inside its range, ends included; a value that is not known (nan) is outside.

    >>> is_within(2.0, (1.0, 2.0)), is_within(2.1, (1.0, 2.0)), is_within(float("nan"), (1.0, 2.0))
    (True, False, False)
    """
    low, high = interval
    return low <= value <= high
