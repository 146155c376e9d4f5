"""Measures that are counted days after what they came of, such as conversions of clicks: the newest days lack some of them."""

from collections.abc import Iterable, Iterator

import numpy as np

from core.base.date_text import date_text
from core.base.days import Window
from core.cube.cube import Cube
from core.detection.quality.newest_days.newest_cubes import NewestCube
from core.detection.quality.newest_days.unfinished_day import alike, day_ratios, steadiest_measure
from core.detection.quality.quality_issue import QualityIssue

_LACKS, _SURE = 0.7, 4.0
"""The newest day has at most this share of a usual one, and lies so many standard deviations below it."""
_USUAL = 3.0
"""Standard deviations within which all else is as usual."""
_DEEPER, _ALIKE_SURE = 0.1, 2.0
"""Logs, or standard deviations, from which on a day lacks some, and the newest lacks more than the one before."""
_FEWEST, _MOST = 2, 5
"""Days that lack some. A fault that is released in steps looks alike: this is no more than a doubt."""


def late_measure_issues(newest: Iterable[NewestCube]) -> Iterator[QualityIssue]:
    """A doubt about the newest days of some measures of each snapshot source, or of all that is counted of orders.

    It was raised ten times, rightly, in 856 made-up workspaces, most of which have an incident.
    """
    for source in newest:
        late = _late(source.cube, source.names) if len(source.names) > 1 else None
        if late is not None:
            measures, days, share = late
            of_lines = source.kind == "orders"
            yield QualityIssue(
                "partial_newest_day", "warn",
                f"the newest {days} days of {', '.join(measures)} may be incomplete: in every segment each day has less than the "
                f"one before, and {date_text(source.last)} has {share:.0%} of a usual day. All other measures are as usual. "
                "Do they arrive late? Load these days again.",
                Window(source.last - days + 1, source.last), frozenset({"orders"} if of_lines else ()),
                frozenset(() if of_lines else measures),
            )  # fmt: skip


def _late(cube: Cube, names: tuple[str, ...]) -> tuple[tuple[str, ...], int, float] | None:
    """Which measures are late, for how many days, and what share of the newest day has arrived; None where none are.

    Each of these days has less than the one before, in every segment alike, and all other measures are as usual.
    """
    ratio, scatter = day_ratios(np.array([cube.daily(name) for name in names]))
    lacks = ratio[0] < np.minimum(np.log(_LACKS), -_SURE * scatter)
    measures = tuple(name for name, is_less in zip(names, lacks, strict=True) if is_less)
    with np.errstate(invalid="ignore"):
        as_usual = np.abs(ratio[0]) <= _USUAL * scatter
    if not measures or lacks.all() or not as_usual[~lacks].all() or not alike(cube, measures, ratio[0, lacks]):
        return None
    leading = names.index(steadiest_measure(cube, measures))
    newest, least = ratio[:, leading], max(_DEEPER, _ALIKE_SURE * float(scatter[leading]))
    days = int((newest < -least).argmin())
    deepens = newest[0] < newest[1] - least and (np.diff(newest[:days]) > 0).all()
    return (measures, days, float(np.exp(newest[0]))) if deepens and _FEWEST <= days <= _MOST else None
