"""Days on which a market, a channel, a device or a large shop has no rows, while the others have some."""

from collections.abc import Iterator

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.date_text import during
from core.base.days import Window
from core.base.segment import Segment
from core.detection.quality.quality_issue import QualityIssue
from core.detection.quality.row_streams import SNAPSHOTS
from core.workspace.read.profile.row_profile import Profile

_SLICED, _SHOP = ("market", "channel", "device"), "seller_id"
_LATELY, _BEFORE = 28, 28
"""Newest days among which a gap is looked for, and days before it on each of which the value has rows."""
_PLENTY = 10.0
"""Orders a day: a value with as many has a day of none by chance once in 20,000 days."""
_LARGE = 0.1
"""Share of all rows of a shop whose gap is named: small ones close for a day."""
_GO_ON = 0.5
"""Share of their usual rows that the others have in the gap."""
_ENDED = 2
"""Newest days without rows of a shop that are no late export."""


def gap_issues(profile: Profile) -> Iterator[QualityIssue]:
    """The newest gap of each value of each kind of rows. A market that has no rows after it has ended (`row_checks`)."""
    for kind in profile.kinds:
        own = profile.dimensions_of(kind)
        for dimension in (name for name in (*_SLICED, _SHOP) if name in own):
            values, rows = profile.rows_by_value(kind, dimension)
            total, is_shop = rows.sum(axis=0), dimension == _SHOP
            large = rows.sum(axis=1) >= (_LARGE if is_shop else 0.0) * total.sum()
            for index in np.flatnonzero(large).tolist():
                gap = _newest_gap(rows[index], total - rows[index], 0.0 if kind in SNAPSHOTS else _PLENTY, is_shop)
                if gap is None:
                    continue
                days = Window(profile.spans[kind].first + gap.start, profile.spans[kind].first + gap.stop - 1)
                usual = rows[index, gap.start - _BEFORE : gap.start].mean()
                yield QualityIssue(
                    "missing_slices", "warn",
                    f"no rows of {kind} with {dimension}={values[index]} {during(days)} ({usual:.0f} a day before), while "
                    "the others go on: it paused, or these days were not exported.",
                    days, frozenset({kind}), where=Segment.of({dimension: values[index]}),
                )  # fmt: skip


def _newest_gap(own: Floats, others: Floats, least: float, to_end: bool) -> range | None:
    """The newest days (from 0) without rows of a value; None where chance, rest or the others explain them.

    `least`: rows a day that it has otherwise. `to_end`: two days or more up to the last one are a gap, too. `own` and `others`
    have shape (days,).
    """
    has: Flags = own > 0
    edges = np.flatnonzero(np.diff(has, prepend=True, append=True)).reshape(-1, 2)  # of each gap: first day, day after
    ended = (edges[:, 1] == len(has)) & ((not to_end) | (edges[:, 1] - edges[:, 0] < _ENDED))
    edges = edges[~ended]
    start, stop = edges[-1].tolist() if len(edges) else (0, 0)
    if start < _BEFORE or stop <= len(has) - _LATELY:
        return None
    before, gap = slice(start - _BEFORE, start), slice(start, stop)
    go_on = others[gap].mean() >= _GO_ON * others[before].mean() > 0
    return range(start, stop) if has[before].all() and own[before].mean() >= least and go_on else None
