"""The measures of a table that are ratios of two others, levels, or only compare: none of them is added up."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
import pyarrow.compute as pc

from core.base.time_zones import DAY_SECONDS
from core.ingest.columns.column_profile import Columns, Role
from core.ingest.columns.compared_columns import compared_columns, may_compare
from core.ingest.columns.counters import DailySeries
from core.ingest.columns.levels import follows_level, hardly_changes, level_columns
from core.ingest.columns.rate_parts import find_parts, is_quotient
from core.ingest.columns.repeated_figures import RepeatedFigures, repeated_figures
from core.ingest.columns.shares_and_marks import share_columns
from core.ingest.columns.time_columns import is_clock
from core.ingest.formats.batch import Figures, TextBatch
from core.ingest.formats.different_cells import any_match
from core.ingest.headers.column_names import english_names
from core.ingest.headers.measure_names import (
    counts_people,
    is_rate_name,
    is_sum_name,
    may_be_level_name,
    says_flow,
    says_sum,
    spoken_in,
)
from core.ingest.mapping.column_plan import MANY, SHOWN, MeasureRatio, Plan, few, snake, without_measures
from core.ingest.request import DecimalMark
from core.ingest.values.dates import days as read_days
from core.ingest.values.dates import times
from core.ingest.values.moment_text import DateReading
from core.ingest.values.typed_numbers import values_of


def _daily_series(plan: Plan, columns: Columns, texts: TextBatch) -> DailySeries | None:
    """The days of each slice of a table of days; None of another table."""
    day = plan.day
    if plan.kind.name != "daily" or plan.key or day is None or day.source is None:
        return None
    days, _ = read_days(texts.columns[day.source], day.dates or DateReading())
    words = [texts.columns[name] for name, column in columns.items() if column.role is Role.TEXT and name != day.source]
    return DailySeries.of(days.fill_null(-1).to_numpy(zero_copy_only=False), words)


def _moment_series(plan: Plan, columns: Columns, texts: TextBatch, series: DailySeries | None) -> DailySeries | None:
    """The moments of each slice of a table of days that has several on each; None of another table, as that with the `series`
    of a row a day is, unless its rows have a time.
    """
    day = plan.day
    if plan.kind.name != "daily" or day is None or day.source is None:
        return None
    clock = next((name for name, column in columns.items() if name != day.source and is_clock(column)), None)
    hours = english_names(tuple(columns)).get("hour") if clock is None else None
    if series is not None and clock is None and hours is None and not any_match(columns[day.source].cells, _TIMED):
        return None
    first = {name: cells[:_LOOKED_AT] for name, cells in texts.columns.items()}
    seconds = pc.fill_null(times(first[day.source], day.dates or DateReading()).seconds, -1)
    moments = seconds.to_numpy(zero_copy_only=False)
    if clock is not None:
        of_day = pc.fill_null(times(pc.binary_join_element_wise(_ANY_DAY, first[clock], " "), DateReading()).seconds, 0)
        moments = moments + of_day.to_numpy(zero_copy_only=False) % DAY_SECONDS
    elif hours is not None and columns[hours].is_figure:
        moments = moments + (3600 * np.nan_to_num(values_of(first[hours]))).astype(np.int64)
    figures = {column.source for column in plan.columns if column.target in plan.measures}
    words = [first[name] for name in columns if name not in {*figures, day.source, clock, hours}]
    return DailySeries.of_moments(moments, words)


_LOOKED_AT = 10_000
"""Rows whose moments are read: those of 60,000 took a tenth of their load."""
_ANY_DAY = "2000-01-01"
_TIMED = r"\d\D?[:h]\d|\d{10}"


def with_ratios(
    plan: Plan, columns: Columns, texts: TextBatch, values: Figures, known: Collection[str] = (), *, is_judged: bool
) -> Plan:
    """The plan in which each rate is a ratio of two measures where the file has them, else is kept out of totals. Figures
    show more rates, unless the user has listed all of them (then not `is_judged`); those `known` by earlier loads are no doubt.
    """
    if not plan.rates and plan.kind.name != "daily":
        return plan
    additive = {name: values[name] for name in values if name not in plan.rates}
    sources = {column.target: column.source for column in plan.columns if column.source and column.target in additive}
    judged = additive if is_judged else {}
    series = _daily_series(plan, columns, texts)
    moments = _moment_series(plan, columns, texts, series)
    levels = level_columns(sources, judged, series, moments, is_known=plan.preset is not None)
    spoken = spoken_in(tuple(columns))
    if plan.preset is None:
        held = [values[name] for name in (*_levels_by_name(plan, columns, spoken), *levels) if name in values]
        levels |= {name for name in judged if name not in levels and follows_level(name, judged[name], held)}
    levels |= set() if plan.key else share_columns(sources, judged)
    sums = {name for name in judged if is_sum_name(name) or is_sum_name(sources.get(name, name))}
    observed = [
        name for name in plan.measures if name in judged and (name in levels or is_quotient(name, judged, sums))
    ]
    found = compared_columns(sources, judged, spoken)
    repeated = _figures_that_repeat(plan, columns, texts, judged)
    observed += [name for name in repeated.of_days if name in judged and name not in observed]
    observed += [name for name in found.other if name in plan.measures and name not in observed]
    additive = {name: column for name, column in additive.items() if name not in observed}
    plan = replace(plan, rates=(*plan.rates, *observed))
    result = _found_ratios(plan, columns, values, additive)
    kept = without_measures(plan, {ratio.name for ratio in result})
    parts = {part for ratio in result for part in (ratio.numerator, ratio.denominator)}
    planned = [name for name in found.planned if name in plan.measures and name not in parts]
    compared = [*(name for name in found.other if name in observed), *planned]
    fixed = [name for name in repeated.of_slices if name in additive and name not in (*planned, *parts)]
    rates = (*kept.rates, *planned, *fixed)
    notes = [f"{ratio.name} is computed as {ratio.numerator} / {ratio.denominator}" for ratio in result[:SHOWN]]
    if rest := [name for name in rates if name not in compared]:
        notes.append(f"kept, but in no total and no scan, since they cannot be added up: {few(rest)}")
    if compared:
        notes.append(f"kept, but in no total and no scan, since they only compare: {few(compared)}")
    if plan.preset is None:
        daily = series if series is not None and series.is_daily else None
        summed = [name for name in kept.measures if name in additive and name not in {*rates, *known}]
        steady = {name for name in summed if daily is not None and hardly_changes(values[name], daily)}
        named = {name: sources.get(name, name) for name in summed}
        comparing = {name for name in summed if name not in parts and may_compare(named[name], spoken)}
        notes += _doubts(named, steady, comparing)
    return replace(kept, rates=rates, ratios=(*plan.ratios, *result), notes=(*plan.notes, *notes))


def _figures_that_repeat(plan: Plan, columns: Columns, texts: TextBatch, values: Figures) -> RepeatedFigures:
    """The measures that stand on several rows and count once; none of a table that is no daily one, or of a known system."""
    day = plan.day
    if plan.kind.name != "daily" or plan.preset is not None or plan.key or day is None or day.source is None:
        return RepeatedFigures()
    own = {name: values[name] for name in plan.measures if name in values and name not in plan.rates}
    return repeated_figures(day.source, columns, texts, own)


def _doubts(additive: Mapping[str, str], steady: Collection[str], comparing: Collection[str]) -> list[str]:
    """What to say of measures that are added up, by what their columns are called: of those that are numbers of different people
    or of what there may be at any time, or are `steady`, and of those whose names say nothing, or are `comparing` with none of
    the others, as a plan would.
    """
    again = [name for name, source in additive.items() if name in steady or _may_recur(name) or _may_recur(source)]
    unknown = [
        name
        for name, source in additive.items()
        if name not in again and (name in comparing or not (says_sum(name) or says_sum(source)))
    ]
    notes = [f"the same may count again on each day and in each slice: {few(again)}"] if again else []
    if unknown:
        hint = f"if one is a stock or an average, load again with --rate {unknown[0]}"
        notes.append(f"added up, as nothing shows otherwise: {few(unknown, MANY)}; {hint}")
    return notes


def _may_recur(name: str) -> bool:
    return counts_people(name) or (may_be_level_name(name) and not says_flow(name))


def _levels_by_name(plan: Plan, columns: Columns, spoken: tuple[str, ...]) -> list[str]:
    """Those of the rates of a plan that say what there is, and are no percentages and averages."""
    named = ((column.target, column.source) for column in plan.columns if column.source and column.target in plan.rates)
    return [
        target
        for target, source in named
        if columns[source].role is not Role.PERCENT and not is_rate_name(source, spoken)
    ]


def _found_ratios(plan: Plan, columns: Columns, values: Figures, additive: Figures) -> list[MeasureRatio]:
    """The rates of the plan that are ratios of two additive columns."""
    named = {
        column.target: {*snake(column.source or "").split("_"), *column.target.split("_")} for column in plan.columns
    }
    sources = {column.target: column.source or "" for column in plan.columns}
    marks = {column.target: column.decimal for column in plan.columns}
    result: list[MeasureRatio] = []
    for name in plan.rates:
        cells = columns[sources[name]].different()
        mark = marks[name] or "."
        decimals = max((_decimals(cell, mark) for cell in cells[:200]), default=0)
        is_percent = columns[sources[name]].role is Role.PERCENT
        ratio = (
            find_parts(name, values[name], decimals, additive, named, is_percent=is_percent) if name in values else None
        )
        result += [ratio] if ratio is not None else []
    return result


def _decimals(cell: str, mark: DecimalMark) -> int:
    digits = "".join(sign for sign in cell if sign.isdecimal() or sign in ".,")
    return len(digits.partition("." if mark == "auto" else mark)[2])
