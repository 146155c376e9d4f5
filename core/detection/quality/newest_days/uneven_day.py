"""A newest day that is over in some values of a dimension and not in others: cities in several time zones."""

from collections.abc import Iterable, Iterator

import numpy as np

from core.base.date_text import date_text
from core.base.days import Window
from core.base.segment import Segment
from core.cube.cube import Cube
from core.detection.quality.newest_days.newest_cubes import NewestCube
from core.detection.quality.newest_days.unfinished_day import (
    day_ratios,
    fell_today,
    share_that_came,
    steadiest_measure,
)
from core.detection.quality.quality_issue import QualityIssue

_MOST_VALUES = 24
"""There are as many time zones."""
_SEVERAL, _LEAST_SHARE = 3, 0.25
"""So many values, which bring at least this share of a usual day, lack a part of the newest one ..."""
_SURE = 3.0
_APART = 0.5
"""... that differs between them by this much (log) ..."""
_ALIKE_SHARE = 0.8
"""... and that each lacks in all measures and slices: this share of those that lack much. As many of the others are as usual."""
_NOISY = 0.5


def uneven_day_issues(newest: Iterable[NewestCube]) -> Iterator[QualityIssue]:
    """A doubt about the newest day of each snapshot source: things that happened may look alike."""
    for source in newest:
        uneven = _uneven(source.cube, source.names)
        if uneven is not None:
            where, least, most = uneven
            yield QualityIssue(
                "partial_newest_day", "warn",
                f"{source.kind} of {date_text(source.last)} may be unfinished for {where}: they have {least:.0%} to {most:.0%} "
                "of a usual day, each in every measure. Does their day end later, in another time zone? Load it again.",
                Window(source.last, source.last),
                kinds=frozenset({source.kind}), measures=frozenset(source.names), where=where,
            )  # fmt: skip


def _uneven(cube: Cube, names: tuple[str, ...]) -> tuple[Segment, float, float] | None:
    """The values that lack parts which differ, and the least and the most that has come of any of them."""
    measure = steadiest_measure(cube, names)
    for dimension in cube.dimensions:
        values = cube.values[dimension]
        if not _SEVERAL < len(values) <= _MOST_VALUES + 1:
            continue
        daily = cube.daily(measure, (dimension,))
        ratio, scatter = day_ratios(daily)
        with np.errstate(invalid="ignore"):
            lower = (ratio[0] < -_SURE * scatter) & fell_today(ratio) & (np.arange(len(daily)) > 0)
            usual = np.abs(ratio[0]) <= _SURE * scatter
        came, asked, size = ratio[0][lower], ~lower & (scatter < _NOISY), np.median(daily[:, :-1], axis=1)
        if len(came) < _SEVERAL or np.ptp(came) < _APART or size[lower].sum() < _LEAST_SHARE * size.sum():
            continue
        if asked.any() and usual[asked].mean() < _ALIKE_SHARE:
            continue
        lacking = [Segment.of({dimension: values[at]}) for at in np.flatnonzero(lower & (ratio[0] < -_APART)).tolist()]
        whole = [share_that_came(cube.where(segment), names) is not None for segment in lacking]
        if len(whole) > 1 and np.mean(whole) >= _ALIKE_SHARE:
            where = Segment.of({dimension: [values[at] for at in np.flatnonzero(lower).tolist()]})
            return where, float(np.exp(came.min())), float(np.exp(came.max()))
    return None
