"""What a scan looks at: which metrics, over which days, in which slices, and how old each day must be."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.date_text import date_text
from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.catalogue.metric_tree.bad_states import in_segment, is_bad_state
from core.catalogue.metric_tree.metrics import Metric
from core.cube.cube import Cube
from core.detection.forecast.maturity import judged_ages
from core.detection.forecast.panel import ORDINARY, Panel
from core.detection.forecast.panel_build import Slicer, SliceSums, ceiling_of, known_days, numerators, panel
from core.detection.forecast.taken_over import taken_over
from core.detection.forecast.usual_rests import resting_days
from core.detection.quality.silent_days import SilentDays
from core.workspace.read.workspace import Workspace

HISTORY = 182
"""Days before the first day asked for that are learnt from ..."""
_BLOCK = 28
"""... and up to so many more, so that neighbouring days have a past that begins on the same day, and reports stay the same."""
_MOST_BY_DEFAULT, _MOST_ASKED = 60, 20_000
"""Values of a dimension that are looked at, largest first: when none was asked for, and when it was."""
_FEW_VALUES, _LEAST_CELL = 40, 0.02
"""Pairs of dimensions with few values each are looked at by default, in cells that hold this share of the whole: a cell that
halves is then 1 % of it, about what is major. Smaller ones cost more series than they show."""
_LEAST_STATE = 0.002
"""... and of states that may be bad, cells of this share: what ends badly is a small part of what ends well."""
_LATELY = 56
_LEAST_SUM, _LEAST_EVENTS, _LEAST_ACTIVE = 56.0, 10.0, 0.6
"""In eight weeks: the sum of a count or a denominator, the sum of a ratio's counts, the share of open days with anything."""


@dataclass(frozen=True, kw_only=True)
class TestedMetric:
    """One metric at one age, in all its slices."""

    metric: Metric
    cube: Cube
    delay: int
    """Its days are seen so many days later, when they have stopped moving or have that age."""
    slice_sums: SliceSums
    """Undelayed."""
    ceiling: float
    """The panel counts what is missing to it, for each of the denominator: see `panel_build.ceiling_of`; 0 = the numerator."""


@dataclass(frozen=True, kw_only=True)
class ScanPlan:
    """Everything that a scan tests."""

    cube: Cube
    tested: tuple[TestedMetric, ...]
    panel: Panel
    row_of: tuple[tuple[int, Segment], ...]
    """For each series of the panel: index into `tested`, segment."""
    taken_over: frozenset[str]
    """Dimensions whose volumes are not watched, since values took over from others."""


def plan_scan(
    workspace: Workspace, days: Window, metrics: Sequence[str] | None, by: Sequence[str] | None, where: Segment
) -> ScanPlan:
    """All series that are to be judged on these days.

    Without `metrics`: every metric that the workspace can compute and that has a direction. Without `by`: the total and the
    largest values of every dimension, and, of the factors of a product and of what `daily` exports count, the larger cells of
    two dimensions: what happens in one of them drowns in both of its sides. Else the total, all values of the dimensions asked
    for, and of each pair of them.
    """
    chosen = _metrics(workspace, metrics)
    groups = _groups(workspace, by, where)
    window = days_learnt_from(workspace.span, days)
    names = tuple(dict.fromkeys(name for group in groups for name in group))
    cube = workspace.cube(_measures(workspace, chosen), window, names, where)
    cells = [] if by else _cells(cube, groups)
    factors = _factors(workspace) if cells else frozenset()
    most = _MOST_ASKED if by else _MOST_BY_DEFAULT
    slicer = Slicer(cube, cube.measures, where)
    sliced = _sliced(slicer, groups, most)
    finely = _joined([sliced, *_fine(slicer, cube, cells, most)])
    by_age: dict[int | None, list[tuple[Metric, int]]] = {}
    for metric in chosen:
        for delay, age in judged_ages(metric):
            by_age.setdefault(age, []).append((metric, delay))
    tested = [
        _at_age(cube, metric, delay, finely if metric.key in factors else sliced)
        for metric, delay in by_age.pop(None, [])
    ]
    for age, slow in by_age.items():
        young = workspace.cube(_measures(workspace, [metric for metric, _ in slow]), window, names, where, age=age)
        early = _sliced(Slicer(young, young.measures, where), groups, most)
        tested += [_at_age(young, metric, delay, early) for metric, delay in slow]
    gone = taken_over(sliced, where, _counted(workspace, sliced))
    silent = SilentDays(workspace, cube.window)
    is_open = [silent.of(entry.metric.measures())[0] == ORDINARY for entry in tested]
    enough = [
        (entry, _enough(entry, days) & ~_falls_to_others(entry, gone))
        for entry, days in zip(tested, is_open, strict=True)
    ]
    tested = [
        part
        for entry, rows in enough
        if rows.any()
        for part in _by_direction(workspace, replace(entry, slice_sums=entry.slice_sums.keep(rows)))
    ]
    if not tested:
        raise NotEnoughData(
            f"too little data up to {date_text(days.last)} to judge anything. `whydrop series` shows what there is."
        )
    row_of = tuple((index, segment) for index, entry in enumerate(tested) for segment in entry.slice_sums.where)
    panels = _panel(workspace, cube, tested, silent, where, days.first)
    return ScanPlan(cube=cube, tested=tuple(tested), panel=panels, row_of=row_of, taken_over=gone)


def _by_direction(workspace: Workspace, entry: TestedMetric) -> list[TestedMetric]:
    """A tested metric, that of segments of bad states by itself: there, more is worse."""
    slices, kind = entry.slice_sums, workspace.kind_of(entry.metric.key)
    metrics = [in_segment(entry.metric, where, kind) for where in slices.where]
    rows = np.array([metric is not entry.metric for metric in metrics], bool)
    if not rows.any():
        return [entry]
    bad = replace(entry, metric=metrics[int(rows.argmax())], slice_sums=slices.keep(rows), ceiling=0.0)
    return [bad] if rows.all() else [replace(entry, slice_sums=slices.keep(~rows)), bad]


def days_learnt_from(span: Window, days: Window) -> Window:
    """The days that a judgement of some days rests on, themselves included."""
    past = days.first - HISTORY
    return Window(max(span.first, past - past % _BLOCK), min(days.last, span.last))


def _metrics(workspace: Workspace, keys: Sequence[str] | None) -> list[Metric]:
    if keys:
        return [workspace.metric(key) for key in dict.fromkeys(keys)]
    computable = workspace.catalogue.computable(workspace.measures)
    return [metric for metric in computable if metric.worse_sign]


def _measures(workspace: Workspace, metrics: Sequence[Metric]) -> tuple[str, ...]:
    """The base measures of the metrics, of the roots of their trees, in which their cost is reported, and of activity."""
    available = frozenset(workspace.measures)
    roots = [workspace.catalogue.metric(workspace.catalogue.path(metric.key)[-1]) for metric in metrics]
    names = (
        name for metric in (*metrics, *roots) if metric.measures() <= available for name in sorted(metric.measures())
    )
    return tuple(dict.fromkeys((*names, *(name for metric in metrics for name in activity_of(workspace, metric)))))


def activity_of(workspace: Workspace, metric: Metric) -> tuple[str, ...]:
    """The counts of a `daily` export that cases of a metric may be counted of; none where a share of the catalogue tells more."""
    catalogue, measures = workspace.catalogue, workspace.measures
    if metric.is_ratio or metric.worse_sign < 0 or not metric.adds_events or workspace.kind_of(metric.key) != "daily":
        return ()
    if any(other.numerator == metric.numerator and other.is_ratio for other in catalogue.computable(measures)):
        return ()
    goods = (catalogue.metrics[name] for name in measures if workspace.kind_of(name) == "daily")
    return tuple(other.key for other in goods if other.worse_sign < 0 and other.adds_events)


def _groups(workspace: Workspace, by: Sequence[str] | None, where: Segment) -> list[tuple[str, ...]]:
    """The group-bys to look at, the total first."""
    if not by:
        return [(), *((name,) for name in workspace.dimensions if name not in where.dimensions)]
    names = tuple(dict.fromkeys(by))
    workspace.check_dimensions(names)
    return [(), *((name,) for name in names), *combinations(names, 2)]


def _cells(cube: Cube, groups: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The pairs of those dimensions that have few values."""
    few = [group[0] for group in groups if group and len(cube.values[group[0]]) <= _FEW_VALUES + 1]
    return list(combinations(few, 2))


def _factors(workspace: Workspace) -> frozenset[str]:
    """What the products at the roots of trees are made of, as far as the workspace has it, and what `daily` exports count: they
    may be all there is."""
    catalogue, measures = workspace.catalogue, workspace.measures
    computable = catalogue.computable(measures)
    keys = {metric.key for metric in computable}
    highest = [
        metric
        for metric in computable
        if metric.parent not in keys and catalogue.metric(catalogue.path(metric.key)[-1]).factors
    ]
    leaves = {leaf.key for metric in highest for leaf in catalogue.leaves(metric.key, measures)}
    return frozenset(leaves | {key for key in keys if workspace.kind_of(key) == "daily"})


def _sliced(slicer: Slicer, groups: Sequence[tuple[str, ...]], most: int, least: float = 0.0) -> SliceSums:
    return _joined([slicer.by(group, most, least) for group in groups])


def _fine(slicer: Slicer, cube: Cube, cells: Sequence[tuple[str, ...]], most: int) -> list[SliceSums]:
    """The larger cells of some pairs of dimensions; of pairs with states that are bad, smaller ones too."""
    names = {name for cell in cells for name in cell}
    states = {name for name in names if any(is_bad_state(Segment.of({name: value})) for value in cube.values[name][1:])}
    return [_sliced(slicer, [cell], most, _LEAST_STATE if states.intersection(cell) else _LEAST_CELL) for cell in cells]


def _joined(parts: Sequence[SliceSums]) -> SliceSums:
    return SliceSums(
        tuple(segment for slices in parts for segment in slices.where),
        {name: np.concatenate([slices.sums[name] for slices in parts]) for name in parts[0].sums},
    )


def _at_age(cube: Cube, metric: Metric, delay: int, slices: SliceSums) -> TestedMetric:
    return TestedMetric(metric=metric, cube=cube, delay=delay, slice_sums=slices, ceiling=ceiling_of(metric, slices))


def _counted(workspace: Workspace, slices: SliceSums) -> Set[str]:
    """The measures that count events, without those whose rise is worse, unless there are no others: late parcels that move from
    one depot to another do not say that the one took over from the other."""
    counts = {key for key, measure in workspace.catalogue.measures.items() if measure.unit == "count"}
    bad = {
        key for key in counts if key in workspace.catalogue.metrics and workspace.catalogue.metric(key).worse_sign > 0
    }
    return counts - bad if any(name in counts - bad for name in slices.sums) else counts


def _falls_to_others(entry: TestedMetric, dimensions: frozenset[str]) -> Flags:
    """Which segments of a metric are of such a dimension; none of a rate, which nobody takes over."""
    if entry.metric.is_ratio:
        return np.zeros(len(entry.slice_sums.where), bool)
    return np.array([not dimensions.isdisjoint(segment.dimensions) for segment in entry.slice_sums.where], bool)


def _enough(entry: TestedMetric, is_open: Flags) -> Flags:
    """Which segments have enough of a metric to judge it, in the last eight weeks or in the eight before them; days that are not
    open, those of rest and those that are missing, do not count."""
    values, exposure = numerators(entry.metric, entry.slice_sums)
    ended = values.shape[1] - entry.delay
    spans = [slice(max(0, ended - back), max(0, ended - back + _LATELY)) for back in (_LATELY, 2 * _LATELY)]
    result = np.zeros(len(values), bool)
    for span in spans:
        days = np.arange(ended)[span][is_open[span]]
        result |= _plenty(entry.metric, values[:, days], None if exposure is None else exposure[:, days])
    return result


def _plenty(metric: Metric, values: Floats, exposure: Floats | None) -> Flags:
    """The same of some days. Of amounts, whose unit says nothing, there is enough where most days have any."""
    much = np.ones(len(values), bool) if exposure is None else _is_much(exposure, metric.per_event, _LEAST_SUM)
    least = _LEAST_SUM if exposure is None else _LEAST_EVENTS
    return much & _is_much(values / metric.scale, metric.adds_events, least)


def _is_much(values: Floats, counts: bool, least: float) -> Flags:
    if counts:
        return np.asarray(values.sum(1) >= least)
    return np.asarray((values > 0).sum(1) >= _LEAST_ACTIVE * max(values.shape[1], 1))


def _panel(
    workspace: Workspace, cube: Cube, tested: Sequence[TestedMetric], silent: SilentDays, where: Segment, judged: int
) -> Panel:
    segments = tuple(dict.fromkeys(segment for entry in tested for segment in entry.slice_sums.where))
    states = known_days(workspace.events(cube.window.first, cube.window.last), cube, segments)
    row_of = {segment: row for row, segment in enumerate(segments)}
    rows = [states[[row_of[segment] for segment in entry.slice_sums.where]] for entry in tested]
    rows = [np.maximum(row, silent.of(entry.metric.measures())) for row, entry in zip(rows, tested, strict=True)]
    column = judged - cube.window.first
    rests = [resting_days(entry.metric, entry.slice_sums, column - entry.delay) for entry in tested]
    rows = [np.maximum(row, rest) for row, rest in zip(rows, rests, strict=True)]
    late = [_later(row, entry.delay) for row, entry in zip(rows, tested, strict=True)]
    made = panel(
        [(entry.metric, entry.slice_sums.delayed(entry.delay), entry.ceiling) for entry in tested],
        cube.window.first,
        np.concatenate(late),
        judged,
    )
    whole = _wholes(tested, where)
    return replace(made, rest=lambda series: np.asarray(made.values[whole[series]] - made.values[series]))


def _wholes(tested: Sequence[TestedMetric], where: Segment) -> Ints:
    """For each series that of the whole of its metric; itself where that is not tested."""
    wholes, first = [], 0
    for entry in tested:
        segments = entry.slice_sums.where
        own = np.arange(first, first + len(segments))
        wholes.append(np.full(len(segments), first + segments.index(where)) if where in segments else own)
        first += len(segments)
    return np.concatenate(wholes)


def _later(states: np.ndarray, days: int) -> Floats:
    later = np.zeros_like(states)
    later[:, days:] = states[:, : states.shape[1] - days]
    return later
