"""Segments, also of several dimensions, that the localizer finds in the newest weeks against those before them."""

from collections.abc import Iterator, Mapping

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.errors import UsageError
from core.ecosystem.changes.segment_figures import NOW, Figure
from core.ecosystem.changes.step_test import RECENT
from core.ecosystem.changes.weekly_panel import WeeklyPanel
from core.localization.single_table.localize import LeafTable, localize


def localized(panel: WeeklyPanel, figure: Figure, left: Flags) -> Iterator[Mapping[str, str]]:
    """Dimension -> value of each segment that it finds among some leaves; none where it can compare nothing."""
    names = tuple(name for name in figure.dimensions if name in panel.codes)
    history = slice(max(RECENT), None)
    actual, usual = figure.amount[left, NOW].mean(axis=1), figure.amount[left, history].mean(axis=1)
    bases: tuple[Floats | None, Floats | None] = (None, None)
    due = figure.due
    if due is not None:
        bases = due[left, NOW].mean(axis=1), due[left, history].mean(axis=1)
    codes = np.stack([panel.codes[name][left] for name in names], axis=1).astype(np.int32)
    words = tuple(panel.words[name] for name in names)
    table = LeafTable(
        dimensions=names,
        values=words,
        codes=codes,
        actual=actual,
        forecast=usual,
        actual_base=bases[0],
        forecast_base=bases[1],
    )
    try:
        result = localize(table)
    except UsageError:
        return
    for segment in result.segments:
        terms = {name: values[0] for name, values in segment.where.terms if len(values) == 1 and values[0]}
        if terms and len(terms) == len(segment.where.terms):
            yield terms
