"""What buyers complain about: plain frozen values that commands and screens read. `to_dict()` is the promised JSON."""

from dataclasses import dataclass

from core.base.days import Window
from core.base.json_value import Value
from core.base.segment import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeSegment(Value):
    """A segment in which a theme is more frequent than elsewhere."""

    where: Segment
    orders: int
    """Orders hit there."""
    share: float
    """Of the order lines there, as a fraction."""
    elsewhere: float
    """Share of the theme outside the segment."""
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme(Value):
    """One theme of complaints in the window."""

    theme: str
    name: str
    owner: str
    """Who answers for it."""
    orders: int
    """Order lines with such a complaint; reviews without a known order count as one each."""
    share: float
    """Of the order lines of the window, as a fraction."""
    share_before: float
    change: float
    """share - share_before."""
    p_value: float
    """Two-sided, of `change`."""
    rose: bool
    """More than chance explains, at a false-discovery rate of 0.5 % over all themes."""
    money_lost: float
    """Refunded, or ordered and cancelled, on the order lines hit."""
    interval: tuple[float, float]
    """95 % interval of `money_lost` a window like this one."""
    segments: tuple[ThemeSegment, ...]
    """Where it is more frequent than chance explains, the most orders first."""
    words: tuple[str, ...]
    """Words that set its texts apart from other complaints."""
    quotes: tuple[str, ...]
    """Texts, with numbers, addresses and phones masked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RisingWord(Value):
    """A word that complaints use more often than before."""

    word: str
    texts: int
    """Complaints of the window that use it."""
    texts_before: int
    p_value: float
    quote: str


@dataclass(frozen=True, slots=True)
class TextThemes(Value):
    """One text and the themes that it speaks of."""

    review_id: str
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice(Value):
    """What buyers complained about in a window, the most money and orders first."""

    window: Window
    before: Window
    where: Segment
    order_lines: int
    """Ordered in the window."""
    texts: int
    """Texts of complaints in the window."""
    silent: int
    """Complaints without a text, reason or recognised theme."""
    themes: tuple[Theme, ...]
    rising: tuple[RisingWord, ...]
    notes: tuple[str, ...] = ()
