"""What buyers complained about, in sentences."""

from collections.abc import Iterator

from core.base.count_text import count
from core.base.date_text import during
from core.reports.figures.number_format import amount, figure, p_words, span
from core.voice.voice_results import RisingWord, Theme, Voice

_SHOWN_SEGMENTS = 3
_SIGNIFICANT = 0.05
"""What a reader takes for significant: a theme with a smaller p is not said to be unchanged, though more is asked of a rise."""


def voice_summary(result: Voice, currency: str) -> str:
    """What costs most, and what became more frequent."""
    where = f" in {result.where}" if result.where else ""
    if not result.themes:
        return f"No complaints with a known theme{where} {during(result.window)}."
    worst = result.themes[0]
    risen = [theme.name.lower() for theme in result.themes if theme.rose]
    rise = (
        f" More frequent than before: {', '.join(risen)}." if risen else " No theme rose by more than chance explains."
    )
    if not worst.money_lost:
        return f"{worst.name} hits the most orders{where} {during(result.window)}: {worst.orders:,}.{rise}"
    return (
        f"{worst.name} costs the most{where} {during(result.window)}: {count(worst.orders, 'order')} and "
        f"{amount(worst.money_lost, 'money', currency)} (95% range {span(*worst.interval, 'money')}).{rise}"
    )


def theme_summary(theme: Theme, currency: str) -> Iterator[str]:
    """How many orders a theme hits, whether more than before, what it costs, and who answers for it."""
    hit = f"{count(theme.orders, 'order')}, {figure(theme.share, 'ratio')} of all"
    yield f"{theme.name}: {hit}, {_trend(theme)} ({p_words(theme.p_value)})."
    if theme.money_lost:
        money = amount(theme.money_lost, "money", currency)
        yield f"Refunded, or ordered and cancelled: {money} (95% range {span(*theme.interval, 'money')})."
    yield f"Owner: {theme.owner}."


def _trend(theme: Theme) -> str:
    if theme.rose:
        return "a significant increase"
    if theme.p_value >= _SIGNIFICANT or not theme.change:
        return "no significant change"
    return "a decrease" if theme.change < 0 else "perhaps an increase: too uncertain, as all themes are tested"


def theme_lines(theme: Theme) -> Iterator[str]:
    """Where a theme is, which words it uses, and what buyers wrote."""
    for segment in theme.segments[:_SHOWN_SEGMENTS]:
        here, elsewhere = figure(segment.share, "ratio"), figure(segment.elsewhere, "ratio")
        yield f"Where: {segment.where}, {here} of its order lines versus {elsewhere} elsewhere"
    if theme.words:
        yield f"Words: {', '.join(theme.words)}"
    for quote in theme.quotes:
        yield f"“{quote}”"


def rising_line(word: RisingWord) -> str:
    """A word that became more frequent."""
    return (
        f"“{word.word}”: {count(word.texts, 'complaint')} versus {word.texts_before:,} before, such as “{word.quote}”"
    )
