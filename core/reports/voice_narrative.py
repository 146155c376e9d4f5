"""What buyers complained about, in sentences."""

from collections.abc import Iterator

from core.reports.number_format import days, figure, p_value, percent
from core.voice.voice_results import RisingWord, Theme, Voice

_SHOWN_SEGMENTS = 3


def voice_lines(result: Voice) -> tuple[str, ...]:
    """The answer first, then each theme with its evidence, a line each."""
    return (
        _summary(result),
        *(line for theme in result.themes for line in _theme(theme)),
        *(_rising(word) for word in result.rising),
        f"{result.silent:,} complaints say nothing of a theme.",
        *result.notes,
    )


def _summary(result: Voice) -> str:
    where = f" in {result.where}" if result.where else ""
    if not result.themes:
        return f"No complaints with a known theme{where} in {days(result.window)}."
    worst = result.themes[0]
    risen = [theme.name.lower() for theme in result.themes if theme.rose]
    rise = (
        f" More frequent than before: {', '.join(risen)}."
        if risen
        else " No theme became more frequent than chance explains."
    )
    if not worst.money_lost:
        return f"{worst.name} hits most orders{where} in {days(result.window)}: {worst.orders:,}.{rise}"
    return (
        f"{worst.name} costs most{where} in {days(result.window)}: {worst.orders:,} orders and "
        f"{figure(worst.money_lost, 'money')} ({figure(worst.interval[0], 'money')} to "
        f"{figure(worst.interval[1], 'money')}).{rise}"
    )


def _theme(theme: Theme) -> Iterator[str]:
    yield ""
    lost = f", {figure(theme.money_lost, 'money')} lost" if theme.money_lost else ""
    yield (
        f"{'▲ ' if theme.rose else ''}{theme.name} ({theme.owner}): {theme.orders:,} orders, {_share(theme.share)} of "
        f"order lines versus {_share(theme.share_before)} before (p = {p_value(theme.p_value)}){lost}"
    )
    for segment in theme.segments[:_SHOWN_SEGMENTS]:
        yield f"  where: {segment.where}, {_share(segment.share)} of its order lines versus {_share(segment.elsewhere)} elsewhere"
    if theme.words:
        yield f"  words: {', '.join(theme.words)}"
    for quote in theme.quotes:
        yield f"  “{quote}”"


def _rising(word: RisingWord) -> str:
    return (
        f"New: “{word.word}” in {word.texts:,} complaints versus {word.texts_before:,} before, such as “{word.quote}”"
    )


def _share(share: float) -> str:
    """A small share with one decimal."""
    return percent(share, signed=True).lstrip("+")
