"""Indexes in sentences: what got worse first, then every index with its expected range."""

from collections.abc import Iterator, Sequence

from core.indexes.index_results import Indexes, IndexPart, IndexValue
from core.reports.number_format import change, days, figure, p_value, percent

_SHOWN_GROUPS = 12
_PARTS = 3


def index_lines(result: Indexes) -> tuple[str, ...]:
    """The answer first, then a line for each index and group."""
    return (*_summary(result), *_all(result), *result.notes)


def drop_lines(drops: Sequence[IndexValue]) -> tuple[str, ...]:
    """One line for each index that got worse, at most a dozen; empty where none did."""
    more = (f"and {len(drops) - _SHOWN_GROUPS} more indexes",) if len(drops) > _SHOWN_GROUPS else ()
    return (*map(_drop, drops[:_SHOWN_GROUPS]), *more)


def _summary(result: Indexes) -> Iterator[str]:
    where = f" in {result.where}" if result.where else ""
    worse = drop_lines(result.drops)
    if worse:
        yield from worse
    elif result.tested:
        yield f"No index got worse{where}, as far as chance allows to say ({result.tested} tested)."
    else:
        yield f"Nothing to compare the indexes{where} with yet: the data are too short."
    yield ""


def _drop(value: IndexValue) -> str:
    where = f" in {value.where}" if value.where else ""
    return (
        f"{value.name}{where} got worse: {figure(value.actual, value.unit)} in {days(value.window)}, "
        f"{_range(value)} expected ({change(value.change, value.unit)}, p = {p_value(value.p_value)}){_reason(value.parts)}."
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
    return f"{figure(low, value.unit)} to {figure(high, value.unit)}"


def _all(result: Indexes) -> Iterator[str]:
    for key in dict.fromkeys(value.index for value in result.indexes):
        group = sorted((value for value in result.indexes if value.index == key), key=lambda value: str(value.where))
        yield f"{group[0].name} ({days(group[0].window)})"
        for value in group[:_SHOWN_GROUPS]:
            yield f"  {_label(value)}{figure(value.actual, value.unit)}{_sampling(value)}{_expectation(value)}"
            yield from _components(value)
        if len(group) > _SHOWN_GROUPS:
            yield f"  and {len(group) - _SHOWN_GROUPS} more groups"


def _label(value: IndexValue) -> str:
    names = ", ".join(f"{name}={text or '(none)'}" for name, text in value.where.to_dict().items())
    return f"{names}: " if names else ""


def _sampling(value: IndexValue) -> str:
    if value.interval is None:
        return ""
    low, high = value.interval
    return f" (95% interval {figure(low, value.unit)} to {figure(high, value.unit)}, n = {value.n:,})"


def _expectation(value: IndexValue) -> str:
    if value.expected is None:
        return ""
    mark = " !" if value.is_drop else ""
    return f", expected {_range(value)}, {change(value.change, value.unit)}{mark}"


def _components(value: IndexValue) -> Iterator[str]:
    parts = sorted(value.parts, key=lambda part: -abs(part.contribution or 0.0))
    for part in parts[:_PARTS] if not value.is_drop else parts:
        moved = "" if part.contribution is None else f", contribution {change(part.contribution, 'points')}"
        yield f"    {part.name} {_component(part)}, weight {percent(part.weight)}{moved}"


def _component(part: IndexPart) -> str:
    unit = "stars" if part.component == "stars" else "ratio"
    return figure(part.actual, unit)
