"""Indexes in sentences: what got worse."""

from collections.abc import Iterator, Sequence

from core.base.count_text import count
from core.base.date_text import during
from core.indexes.index_results import Indexes, IndexPart, IndexValue
from core.reports.figures.change_format import change
from core.reports.figures.number_format import figure, p_words, span

_SHOWN_GROUPS = 12


def drop_lines(drops: Sequence[IndexValue]) -> tuple[str, ...]:
    """One line for each index that got worse, at most a dozen; empty where none did."""
    more = (
        (f"and {count(len(drops) - _SHOWN_GROUPS, 'more index', 'more indexes')}",)
        if len(drops) > _SHOWN_GROUPS
        else ()
    )
    return (*map(_drop, drops[:_SHOWN_GROUPS]), *more)


def index_summary(result: Indexes) -> Iterator[str]:
    """What got worse, or that nothing did."""
    where = f" in {result.where}" if result.where else ""
    worse = drop_lines(result.drops)
    if worse:
        yield from worse
    elif result.tested:
        yield f"No index got worse{where} by more than chance explains ({result.tested} tested)."
    else:
        yield f"Nothing to compare the indexes{where} with yet: the data are too short."


def _drop(value: IndexValue) -> str:
    where = f" in {value.where}" if value.where else ""
    return (
        f"{value.name}{where} {'fell' if (value.change or 0.0) < 0 else 'rose'} to {figure(value.actual, value.unit)} "
        f"{during(value.window)} (expected: {_range(value)}; {p_words(value.p_value)}){_reason(value.parts)}."
    )


def _reason(parts: Sequence[IndexPart]) -> str:
    """The component that moved most to the worse."""
    worst = min(parts, key=lambda part: part.contribution or 0.0, default=None)
    if worst is None or (worst.contribution or 0.0) >= 0:
        return ""
    return f", mostly {worst.name} {change(worst.contribution, 'points')}"


def _range(value: IndexValue) -> str:
    if value.expected_interval is None:
        return "nothing"
    low, high = value.expected_interval
    return span(low, high, value.unit)
