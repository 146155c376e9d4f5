"""Days on which everything that `daily` exports count was twice the usual: an export that was added up twice.

A holiday or a campaign that doubles visits sells more to some than to others, and another share of them buys. So every measure
has to be twice the usual, in every segment alike and with all rates as usual, and only once.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.date_text import during
from core.base.days import Window
from core.detection.quality.jumps.weekly_excess import WeeklyExcess, weekly_excess
from core.detection.quality.quality_issue import QualityIssue

_TWICE = 2.0
_LONGEST = 9
"""Days that it lasts at most: of six same weekdays around, no more than two lie in it."""
_NEAR, _ROUGHLY = 3.0, 0.03
"""Standard deviations, and what is added to them (log), within which segments and rates are as usual."""
_CLOSE, _EXACTLY = 0.04, 0.01
"""Error (log) of the factor of the steadiest measure at most, and what is added to twice that. Without these, and with peaks that
the change log tells of, 9 of 38 peaks of 1.3 to 3 times the usual were taken for twice; now 1."""
_MOST_PARTS = 0.9
"""... in this share of the segments: a few have swings of their own."""
_FEWEST = 2
"""Measures that double: one alone says nothing of rates."""


def whole_issues(
    names: Sequence[str], totals: Floats, parts: Sequence[WeeklyExcess], window: Window
) -> Iterator[QualityIssue]:
    """`totals` of the measures, shape (measures, days); `parts`: each measure by the values of each dimension."""
    if len(names) < _FEWEST:
        return
    wholes = [weekly_excess(line[None]) for line in totals]
    steadiest = min(wholes, key=lambda whole: float(np.median(whole.noise)))
    known = np.flatnonzero(np.isfinite(steadiest.change[0]))  # days of rest part no run of doubled ones
    days = _doubled(steadiest.on(known), [whole.on(known) for whole in wholes])
    if days is None or not all(_alike(table.on(known), days) for table in (weekly_excess(totals), *parts)):
        return
    doubled = Window(window.first + int(known[days.start]), window.first + int(known[days.stop - 1]))
    yield QualityIssue(
        "value_jumps", "warn",
        f"{', '.join(names)}: {_TWICE:g} times the usual {during(doubled)}, in every segment alike and with all rates as usual: "
        "loaded twice?",
        doubled, measures=frozenset(names),
    )  # fmt: skip


def _doubled(steadiest: WeeklyExcess, wholes: Sequence[WeeklyExcess]) -> slice | None:
    """The only unusual days of the steadiest measure, where all of them have doubled and have come back."""
    runs = [days for _, days in steadiest.runs(steadiest.change.shape[1])]
    if len(runs) != 1:
        return None
    (days,) = runs
    if days.stop - days.start > _LONGEST or days.stop == steadiest.change.shape[1]:
        return None
    error = float(steadiest.noise[0, days].max()) / np.sqrt(days.stop - days.start)
    if error > _CLOSE or abs(steadiest.mean(0, days) - np.log(_TWICE)) > 2 * error + _EXACTLY:
        return None
    if sum(whole.plain_factor(0, days) == _TWICE for whole in wholes) < _FEWEST:
        return None
    return days if all(_is_near(whole, days, np.log(_TWICE)).all() for whole in wholes) else None


def _alike(table: WeeklyExcess, days: slice) -> bool:
    """Whether the rows of a table moved alike on some days, as far as they are known."""
    return bool(_is_near(table, days, 0.0).mean() >= _MOST_PARTS)


def _is_near(table: WeeklyExcess, days: slice, jump: float) -> Flags:
    """Which rows jumped by so much (log) within their noise; true where nothing is known."""
    with np.errstate(invalid="ignore"):
        off = np.abs(table.change[:, days].mean(1) - jump)
        most = _NEAR * table.noise[:, days].max(1) / np.sqrt(days.stop - days.start) + _ROUGHLY
        return np.asarray(~(off > most))
