"""How good goods, service and content are, and through which channels people come: figures now and before.

What becomes of an order shows late: each day of both windows is looked at as it was so many days later, so that they compare.
Members, whose orders go well or badly together, are shops, or creators where those tell more of what is counted.
"""

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.days import Window
from core.base.segment import Segment
from core.catalogue.metric_tree.metrics import Metric
from core.cube.cube import Cube
from core.ecosystem.members.activity import WEEKS
from core.ecosystem.ratio_change import ratio
from core.ecosystem.results.health_results import ChannelShare, QualityFigure, RatioChange
from core.workspace.read.workspace import Workspace

METRICS = (
    "refund_rate", "negative_review_rate", "violations_per_1k_orders", "seller_cancel_rate", "late_dispatch_rate",
    "late_delivery_rate",
)  # fmt: skip
SHARES = ("impressions", "orders", "gmv")
_DAYS = 7 * WEEKS
_AGES = (0, 3, 5, 7, 10, 14)
"""Days after which it is counted how much of a figure is known; the last is `_LONGEST`."""
_LONGEST, _SOONER, _KNOWN, _SEEN = 14, (7, 10), 0.9, 56
"""Days after which a day is looked at, where its figures move for longer; sooner where nine tenths of what is known then are
known, of the days of eight weeks.

Of ten categories whose goods were bad for two to four weeks, refunds that came after 3 to 11 days told of six with a chance below
0.005 after 10 days, and of two after 14."""

Counted = Mapping[str, tuple[float, float]]
"""Key of a figure -> its cases, and what it is a rate of."""


def counted_by_age(workspace: Workspace, as_of: int, where: Segment) -> dict[int, Counted]:
    """What is counted of each slow figure in days that are old, as they were so many days later, for each of `_AGES`; nothing
    where no days are old enough. Raises UsageError for a segment that does not exist."""
    late = [item for item in _known_metrics(workspace) if item.mature_after_days > max(_SOONER)]
    days = Window(max(workspace.span.first, as_of - _LONGEST - _SEEN + 1), as_of - _LONGEST)
    if not late or days.first > days.last:
        return {}
    return {age: _counted(workspace, late, days, as_of, where, age) for age in _AGES}


def waits(workspace: Workspace, by_age: Mapping[int, Counted]) -> dict[str, int]:
    """Days after which the days of each figure that the data tell are looked at, by its key; `by_age`: `counted_by_age`."""
    result = {item.key: min(item.mature_after_days, _LONGEST) for item in _known_metrics(workspace)}
    for key, (whole, _) in by_age.get(_LONGEST, {}).items():
        known = (age for age in _SOONER if by_age[age][key][0] >= _KNOWN * whole > 0)
        result[key] = next(known, result[key])
    return result


def known_shares(keys: Collection[str], by_age: Mapping[int, Counted]) -> dict[str, Floats]:
    """What part of its final value each slow figure has of days that are 0, 1, 2, ... days old, by its key, as the days of eight
    weeks tell; shape (`_LONGEST` + 1,) each. `by_age`: `counted_by_age`.

    Refunds that come after 3 to 11 days tell of a break of twelve days ago by days that are half known: of 12 categories whose
    goods were bad for 12 to 25 days, 6 were marked by days that are nearly all known, and 10 so. Where the base becomes known
    with the cases (late ones of deliveries), what is known is no part of the whole: those figures are left out.
    """
    result = {}
    for key in [key for key in by_age.get(_LONGEST, {}) if key in keys]:
        cases, base = np.array([by_age[age][key] for age in _AGES]).T
        if cases[-1] > 0 and base[0] >= _KNOWN * base[-1]:
            result[key] = np.interp(np.arange(_LONGEST + 1), _AGES, cases / cases[-1])
    return result


def of_complete_kinds(workspace: Workspace, ages: Mapping[str, int], incomplete: Collection[str]) -> dict[str, int]:
    """The figures without those of several kinds of exports of which one is incomplete: of violations without orders, a rate
    rose 26-fold."""
    kinds = {key: {workspace.kind_of(name) for name in workspace.catalogue.metric(key).measures()} for key in ages}
    return {key: age for key, age in ages.items() if len(kinds[key]) == 1 or not kinds[key] & set(incomplete)}


def _known_metrics(workspace: Workspace) -> list[Metric]:
    """The figures that the data tell."""
    known = set(workspace.measures)
    return [item for item in map(workspace.catalogue.metric, METRICS) if item.measures() <= known]


def _counted(
    workspace: Workspace, metrics: list[Metric], days: Window, as_of: int, where: Segment, age: int
) -> Counted:
    """What is counted of each figure in some days, as they were so many days later."""
    names = sorted({name for item in metrics for name in item.measures()})
    cube = workspace.cube(names, days, (), where, as_of=as_of, age=age)
    sums = {name: cube.totals(name, ()) for name in names}
    return {
        item.key: (float(item.numerator.of(sums)), float(item.denominator.of(sums)) if item.denominator else 1.0)
        for item in metrics
    }


def qualities(workspace: Workspace, as_of: int, where: Segment, ages: Mapping[str, int]) -> Iterator[QualityFigure]:
    """Each figure, its days so many days old. Raises UsageError for a segment that does not exist."""
    for key, age in ages.items():
        window = Window(as_of - age - _DAYS + 1, as_of - age)
        metric = workspace.catalogue.metric(key)
        yield QualityFigure(key, window, age, _ratio(workspace, metric, window, as_of, age, where))


def channels(workspace: Workspace, as_of: int, where: Segment) -> Iterator[ChannelShare]:
    """The shares of every channel, largest first; none where the data name no channel."""
    if "channel" not in workspace.dimensions:
        return
    window = Window(as_of - _DAYS + 1, as_of)
    words = workspace.values("channel")
    for measure in [name for name in SHARES if name in workspace.measures]:
        halves = _halves(
            workspace=workspace, measures=(measure,), window=window, as_of=as_of, age=None, where=where, by=("channel",)
        )
        amounts = _amounts(workspace, halves, measure, ("channel", *_members(workspace)[:1]))
        everything, named = amounts.sum(axis=1), _named(workspace, _members(workspace)[:1])
        names = sorted(words)
        for at in np.argsort(-amounts[0].sum(axis=1), kind="stable").tolist():
            if names[at] and amounts[:, at].any():
                yield ChannelShare(names[at], measure, ratio(amounts[:, at], everything, named))


def _ratio(workspace: Workspace, metric: Metric, window: Window, as_of: int, age: int, where: Segment) -> RatioChange:
    names = sorted(metric.measures())
    halves = _halves(workspace, tuple(names), window, as_of, age or None, where)
    stated = [({name: _amounts(workspace, halves, name, item) for name in names}, item) for item in _by(workspace)]
    upper = [metric.numerator.of(sums) for sums, _ in stated]
    # by whom most of what is counted is told: a violation may name a creator and no shop
    best = int(np.argmin([item[:, 0].sum() if by else np.inf for item, (_, by) in zip(upper, stated, strict=True)]))
    lower = metric.denominator.of(stated[best][0]) if metric.denominator else np.ones_like(upper[best])
    return ratio(upper[best], lower, _named(workspace, stated[best][1]), metric.scale)


def _members(workspace: Workspace) -> tuple[str, ...]:
    return tuple(name for name in ("seller_id", "creator_id") if name in workspace.dimensions)


def _by(workspace: Workspace) -> list[tuple[str, ...]]:
    """Ways of telling members apart; all are one where nothing names any."""
    return [(name,) for name in _members(workspace)] or [()]


def _named(workspace: Workspace, by: tuple[str, ...]) -> Flags:
    """Which values of a column are members, in the order of their words: all but the empty one."""
    return np.array([word != "" for name in by for word in sorted(workspace.values(name))] or [True])


def _halves(
    workspace: Workspace, measures: tuple[str, ...], window: Window, as_of: int, age: int | None, where: Segment,
    by: tuple[str, ...] = (),
) -> tuple[Cube, Cube]:  # fmt: skip
    """Now and before."""
    earlier = window.shifted(-len(window))
    both = Window(earlier.first, window.last)
    cube = workspace.cube(measures, both, (*by, *_members(workspace)), where, as_of=as_of, age=age)
    return cube.between(window), cube.between(earlier)


def _amounts(workspace: Workspace, halves: tuple[Cube, Cube], measure: str, by: tuple[str, ...]) -> Floats:
    """A measure now and before by values in the order of their words; shape (2, *values)."""
    result = np.stack([half.totals(measure, by) for half in halves])
    for axis, name in enumerate(by, start=1):
        result = np.take(result, np.argsort(np.array(workspace.values(name)), kind="stable"), axis=axis)
    return result if by else result[:, None]
