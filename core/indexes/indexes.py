"""Indexes of a workspace in a window: counted exactly, and compared with what was expected."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from core.base.arrays import Floats
from core.base.baseline import Baseline
from core.base.count_text import count
from core.base.date_text import date_range, date_text
from core.base.days import Window
from core.base.errors import NotEnoughData, UsageError, did_you_mean
from core.base.segment import EVERYTHING, Segment
from core.catalogue.index_definitions import SATISFACTION, IndexDefinition, index_definitions
from core.detection.distributions import discoveries
from core.detection.forecast.reference_days import named_days
from core.detection.quality.end_of_exports import newest_exported, newest_to_judge
from core.indexes.counted_figure import CountedFigure
from core.indexes.counting import IndexCounter
from core.indexes.expected_index import PAST_WINDOWS, ExpectedFigure, expected_from_past, expected_from_window
from core.indexes.index_cells import CellGrid
from core.indexes.index_facts import read_facts
from core.indexes.index_results import Indexes, IndexPart, IndexValue
from core.indexes.satisfaction import SatisfactionFigures
from core.workspace.read.workspace import Workspace

_WINDOW_DAYS = 7
_SCANNED = ("market", "channel")
"""Dimensions whose values a scan looks into: each has its own buyers, and few values."""
_PAYMENT_DAYS = 1
"""An index that is complete so soon is shown for newer days too, as metrics are; one that waits for buyers is not."""
_FALSE_SHARE = 0.05
"""Share of false ones among all that are said to have got worse."""


def indexes(
    workspace: Workspace,
    keys: Sequence[str] = (),
    *,
    window: Window | None = None,
    baseline: str = "expected",
    where: Segment = EVERYTHING,
    by: Sequence[str] = (),
) -> Indexes:
    """Indexes (all by default) in a window (by default the newest complete week of each), in a segment, for each group of `by`.

    `baseline` is as of `explain`, its days as many as those of the window: figures of longer windows are not comparable.
    Raises UsageError for names that do not exist and for a baseline of another length, NotEnoughData when nothing that was
    asked for can be counted.
    """
    chosen = [index_definition(key) for key in keys] or list(index_definitions().values())
    if window is not None:
        workspace.window(window.first, window.last)
    counter = IndexCounter(workspace, read_facts(workspace, where, by))
    if not any(len(rows.days) for rows in counter.facts.facts.values()):
        raise NotEnoughData(_nothing(workspace, chosen))
    values: list[IndexValue] = []
    judged, (end, later) = newest_to_judge(workspace)[0], newest_exported(workspace)
    notes: list[str] = []
    for definition in chosen:
        complete = judged - definition.complete_after_days  # the newest day whose figure does not move any more
        first = counter.facts.span.first
        if window is None and complete < first:
            ready = date_text(first + definition.complete_after_days)
            notes.append(f"{definition.name}: no day is complete yet; the first one is complete on {ready}.")
            continue
        last = min(complete, max(end, first))
        days = window or Window(max(first, last - _WINDOW_DAYS + 1), last)
        if days.last > complete:
            ready = date_text(days.last + definition.complete_after_days)
            if definition.complete_after_days > _PAYMENT_DAYS:
                notes.append(f"{definition.name} of {date_range(days)} is left out: it is complete on {ready}.")
                continue
            notes.append(
                f"{definition.name} of {date_range(days)} may still rise: late-arriving rows make it complete on {ready}."
            )
        counted = tuple(_values(counter, definition, days, baseline))
        values += counted
        notes += _history_note(definition, days, counter.facts.span) if counted else ()
    if not values:
        raise NotEnoughData(notes[0] if notes else _nothing(workspace, chosen))
    tested = [value for value in values if value.p_value is not None and value.good != "neutral"]
    return Indexes(
        where=where,
        by=counter.facts.by,
        indexes=marked(values),
        tested=len(tested),
        notes=tuple(dict.fromkeys((*(() if window else later), *notes))),
    )


def index_definition(key: str) -> IndexDefinition:
    """The index of that key. Raises UsageError that offers the nearest names."""
    definitions = index_definitions()
    if key not in definitions:
        raise UsageError(f"no index {key!r}.{did_you_mean(key, definitions)} Known: {', '.join(definitions)}.")
    return definitions[key]


def daily_index(
    workspace: Workspace, key: str, window: Window, where: Segment, by: Sequence[str]
) -> tuple[tuple[Segment, ...], Floats]:
    """The groups of `by`, and an index on each day of a window, counted day by day; shape (groups, days), nan where unknown.

    Raises what `indexes` raises.
    """
    definition = index_definition(key)
    counter = IndexCounter(workspace, read_facts(workspace, where, by))
    table = counter.facts.table
    grid = CellGrid(
        windows=tuple(Window(day, day) for day in range(window.first, window.last + 1)), groups=table.segments
    )
    figure = counter.count(definition, grid)
    if figure is None:
        raise NotEnoughData(_nothing(workspace, [definition]))
    values = np.array(figure.value.T)
    if definition.complete_after_days > _PAYMENT_DAYS:
        complete = newest_to_judge(workspace)[0] - definition.complete_after_days
        values[:, max(complete - window.first + 1, 0) :] = np.nan
    return table.segments, values


def _history_note(definition: IndexDefinition, days: Window, span: Window) -> list[str]:
    if days.first - span.first >= definition.history_days:
        return []
    return [
        f"The data begin {count(max(days.first - span.first, 0), 'day')} before {date_text(days.first)}: {definition.name} "
        "looks "
        f"higher than it is until {definition.history_days} days are known."
    ]


def _nothing(workspace: Workspace, chosen: Sequence[IndexDefinition]) -> str:
    names = chosen[0].key if len(chosen) == 1 else "any index"
    return (
        f"{workspace.path}: nothing that is loaded counts {names}. Load orders with buyer_id and paid_at, or reviews."
    )


def _values(counter: IndexCounter, definition: IndexDefinition, days: Window, baseline: str) -> Iterator[IndexValue]:
    """The index in every group that has anything."""
    windows, reference = _windows(counter, definition, days, baseline)
    grid = CellGrid(windows=(days, *windows), groups=counter.facts.table.segments)
    details = counter.satisfaction(definition, grid) if definition.key == SATISFACTION else None
    figure = details.index if details else counter.count(definition, grid)
    if figure is None or not np.isfinite(figure.value[0]).any():
        return
    expected = None
    if windows:
        compare = expected_from_past if baseline == "expected" else expected_from_window
        expected = compare(figure, definition.unit)
    for group, where in enumerate(grid.groups):
        if np.isfinite(figure.value[0, group]):
            value = _value(definition, figure, expected, group)
            earlier = reference if value.expected is not None else None
            yield replace(
                value,
                where=where,
                window=days,
                baseline=earlier,
                history=tuple(figure.value[::-1, group].tolist()) if baseline == "expected" else (),
                parts=tuple(_parts(details, expected if earlier else None, group)) if details else (),
            )


def _windows(
    counter: IndexCounter, definition: IndexDefinition, days: Window, baseline: str
) -> tuple[tuple[Window, ...], Baseline | None]:
    """The windows to compare with, newest first; those of a baseline with a name stand before the others."""
    span = counter.facts.span
    stride = 7 * -(-len(days) // 7)  # whole weeks, so that weekdays agree
    earlier = [days.shifted(-number * stride) for number in range(1, PAST_WINDOWS + 1)]
    first = span.first + definition.history_days
    usable = tuple(window for window in earlier if window.first >= first)
    if baseline == "expected":
        return usable, Baseline("expected", Window(usable[-1].first, usable[0].last)) if usable else None
    reference = named_days(span, days, baseline)
    if len(reference.window) != len(days):
        raise UsageError(
            f"the baseline {baseline} has {count(len(reference.window), 'day')} and the window {len(days)}: distinct counts of "
            "longer days are larger. Choose a baseline of as many days."
        )
    if reference.window.overlaps(days):
        raise UsageError(f"the baseline {baseline} overlaps the window {date_range(days)}. Choose earlier days.")
    others = tuple(window for window in usable if not window.overlaps(reference.window))
    return (reference.window, *others), reference


def _value(
    definition: IndexDefinition, figure: CountedFigure, expected: ExpectedFigure | None, group: int
) -> IndexValue:
    actual, low, high = (float(values[0, group]) for values in (figure.value, figure.low, figure.high))
    usual = float(expected.value[group]) if expected is not None else np.nan
    is_known = bool(np.isfinite(usual))
    return IndexValue(
        index=definition.key,
        name=definition.name,
        unit=definition.unit,
        good=definition.good,
        where=EVERYTHING,
        window=Window(0, 0),
        actual=actual,
        interval=(low, high) if np.isfinite(low) else None,
        n=int(figure.n[0, group]),
        baseline=None,
        expected=usual if is_known else None,
        expected_interval=(float(expected.low[group]), float(expected.high[group])) if expected and is_known else None,
        change=actual - usual if is_known else None,
        change_pct=(actual - usual) / abs(usual) if is_known and usual else None,
        p_value=_chance(expected, group) if is_known else None,
    )


def _chance(expected: ExpectedFigure | None, group: int) -> float | None:
    chance = float(expected.p_value[group]) if expected is not None else np.nan
    return chance if np.isfinite(chance) else None


def _parts(details: SatisfactionFigures, expected: ExpectedFigure | None, group: int) -> Iterator[IndexPart]:
    """Components of one group. What is expected of the index is a weighted mean of earlier windows, and so is what is expected of
    weight x points of each component: contributions sum to the change of the index."""
    for part in details.components:
        weight, points = part.weight[:, group], np.nan_to_num(part.points[:, group])
        usual = None if expected is None else expected.weights[:, group]
        if not weight.any():
            continue
        weighted = None if usual is None else float(usual @ (weight * points)[1:])
        usual_weight = 0.0 if usual is None else float(usual @ weight[1:])
        value = np.nan_to_num(part.value[1:, group])
        yield IndexPart(
            component=part.component.key,
            name=part.component.name,
            weight=float(weight[0]),
            actual=float(part.value[0, group]) if weight[0] else None,
            expected=float(usual @ (weight[1:] * value)) / usual_weight if usual is not None and usual_weight else None,
            points=float(points[0]) if weight[0] else None,
            points_expected=weighted / usual_weight if weighted is not None and usual_weight else None,
            contribution=None if weighted is None else float(weight[0] * points[0]) - weighted,
            n=int(part.n[0, group]),
        )


def marked(values: Sequence[IndexValue]) -> tuple[IndexValue, ...]:
    """The same, those that got worse marked: of all that are marked at most one in twenty is expected to be so by chance."""
    chances = [value.p_value if value.p_value is not None and value.good != "neutral" else 1.0 for value in values]
    sure = discoveries(np.array(chances), _FALSE_SHARE)
    return tuple(
        replace(value, is_drop=bool(is_sure) and _got_worse(value))
        for value, is_sure in zip(values, sure.tolist(), strict=True)
    )


def index_drops(workspace: Workspace, where: Segment = EVERYTHING) -> tuple[IndexValue, ...]:
    """Indexes that got worse in their newest complete week, in all and in each market and channel, the surest first.

    Empty where nothing can be counted.
    """
    groups = [(), *((name,) for name in _SCANNED if name in workspace.dimensions and name not in where.dimensions)]
    values: list[IndexValue] = []
    for by in groups:
        try:
            values += indexes(workspace, where=where, by=by).indexes
        except NotEnoughData:
            continue
    worse = [value for value in marked(values) if value.is_drop]
    return tuple(sorted(worse, key=lambda value: value.p_value or 0.0))


def _got_worse(value: IndexValue) -> bool:
    return value.change is not None and value.change * (1 if value.good == "down" else -1) > 0
