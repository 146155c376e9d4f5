"""Rows that contradict others, as a profile counts them."""

from core.base.days import Window
from core.base.frozen import frozen


@frozen
class Orphans:
    """Rows that point to something that is not there."""

    what: str
    orphans: int
    of: int


@frozen(kw_only=True)
class OutOfOrder:
    """Order lines on which one thing happened before another that must come first."""

    event: str
    """The column of what came too early."""
    before: str
    """The column of what must come first."""
    lines: int
    of: int
    """Order lines that have both."""
    first_order: str
    """The first of them."""
    days: Window
    """From the first to the last of them."""
