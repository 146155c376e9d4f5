"""How measures are counted: since when at all, with what loss, by which definition."""

from collections.abc import Iterator, Mapping
from operator import itemgetter

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.date_text import date_text
from core.base.days import Window
from core.catalogue.kinds import SOURCE
from core.catalogue.metric_names import metric_words
from core.catalogue.metric_tree.formula import Sum
from core.catalogue.metric_tree.metrics import Metric
from core.cube.cube import Cube
from core.detection.distributions import Z95
from core.detection.findings import Status
from core.detection.quality.breaks.uncounted_events import uncounted_issues
from core.detection.quality.quality_issue import QualityIssue
from core.detection.quality.ratio_steps import BEFORE, SPANS, grouped_sums, ratio_step
from core.detection.quality.row_streams import SNAPSHOTS
from core.detection.quality.unit_steps import unit_issues
from core.workspace.read.profile.row_profile import Profile
from core.workspace.read.workspace import Workspace

FUNNELS = (
    ("impressions", "clicks", "orders"),
    ("clicks", "detail_views", "add_to_carts"),
    ("detail_views", "add_to_carts", "orders"),
)
_SLICED = ("market", "channel", "device")
_LOSS, _CLOSES = 0.12, 0.3
"""An event is lost when its rate falls by at least this (log) and the next rises by as much, up to this share of it."""
_VISITS, _ALL_LOST = FUNNELS[0], 0.35
"""Where every count of visits falls, visitors who never buy may have left, so only a fall by a third is a doubt."""
_A_DAY = 1000.0
"""What daily visits are compared with, any number."""
_SURE = 5.0
_ALIKE_STEP, _ALIKE = 0.25, 2.5
_ALONE = 0.1
"""Share of a denominator that may come from sources which do not count the numerator."""
_NEVER = 1e-9
"""A measure was not counted on days that would all be 0 with at most this probability."""


def counting_issues(workspace: Workspace, profile: Profile, window: Window) -> Iterator[QualityIssue]:
    """All that the base measures tell on the days of a window, which are those of the profile."""
    sliced = [name for name in _SLICED if name in workspace.dimensions]
    cube = workspace.cube(workspace.measures, window, sliced)
    names = cube.measures
    yield from _instrumentation(
        cube, {name: days for name, days in _given_days(profile, window).items() if name in names}
    )
    yield from _mixed_sources(workspace, window)
    span = window
    recent = cube.between(Window(max(span.first, span.last - BEFORE - max(SPANS)), span.last))
    if len(recent.window) <= BEFORE + 7:
        return
    for steps in FUNNELS:
        if names.issuperset(steps):
            yield from loss_issues(recent, steps, sliced)
    if names.issuperset(_VISITS):
        yield from lost_visit_issues(recent, sliced)
    for count, made_of_it, _ in FUNNELS:
        if names.issuperset((count, made_of_it)):
            yield from uncounted_issues(recent, count, made_of_it, sliced)
    if workspace.kind_of("gmv") == "orders":  # of all orders the rows themselves tell
        yield from (issue for issue in unit_issues(recent, "gmv", ["paid_orders"], sliced) if issue.where)
    for metric in workspace.catalogue.computable(names) if sliced else ():
        if metric.is_ratio and metric.worse_sign > 0:
            yield from _definition(recent, metric, sliced)


def _given_days(profile: Profile, window: Window) -> dict[str, Flags]:
    """Measure of the kinds whose rows are slices of days -> the days of a window on which some row gives it."""
    result = {}
    for kind in sorted(SNAPSHOTS.intersection(profile.kinds)):
        first = profile.spans[kind].first - window.first
        for name, share in profile.given_by_day(kind).items():
            result[name] = np.zeros(len(window), bool)
            result[name][first : first + len(share)] = share > 0
    return result


def _instrumentation(cube: Cube, given: Mapping[str, Flags]) -> Iterator[QualityIssue]:
    """Measures that are 0 on every day before some day, or after it, though rows give them; `given`: on which days they do."""
    span = cube.window
    for name, rows in given.items():
        values = cube.daily(name)
        active = np.flatnonzero(values != 0)
        if not len(active):
            continue
        first, last = int(active[0]), int(active[-1])
        often = float((values[first : last + 1] != 0).sum() / max(rows[first : last + 1].sum(), 1))
        for silent, text in ((slice(0, first), "before"), (slice(last + 1, len(span)), "after")):
            days = np.flatnonzero(rows[silent])
            if len(days) and (1 - min(often, 0.999)) ** len(days) < _NEVER:
                edge = span.first + (first if text == "before" else last)
                yield QualityIssue(
                    "instrumentation", "fail",
                    f"{name} is 0 on all {len(days)} days {text} {date_text(edge)}, but on {1 - often:.0%} of other days: "
                    f"it was not recorded then. Ignore changes across {date_text(edge)}.",
                    Window(span.first + silent.start, span.first + silent.stop - 1), measures=frozenset({name}),
                )  # fmt: skip


def _mixed_sources(workspace: Workspace, window: Window) -> Iterator[QualityIssue]:
    """Ratios whose two sides come from different systems: an advertiser's impressions are clicked in no search console."""
    own = [name for name in workspace.measures if workspace.kind_of(name) in SNAPSHOTS]
    computable = workspace.catalogue.computable(own)
    ratios = [(metric, metric.denominator) for metric in computable if metric.denominator is not None]
    if SOURCE not in workspace.dimensions or not ratios:
        return
    cube = workspace.cube(own, window, [SOURCE])
    names = [value or "the files that name no source" for value in cube.values[SOURCE]]
    sums = {name: cube.daily(name, (SOURCE,)).sum(1) for name in own}
    for metric, denominator in ratios:
        above, below = (np.asarray(side.of(sums)) for side in (metric.numerator, denominator))
        alone = (above == 0) & (below > 0)
        share = below[alone].sum() / max(below.sum(), 1e-300)
        if (above > 0).any() and share > _ALONE:
            source = names[int(np.argmax(np.where(alone, below, 0)))]
            yield QualityIssue(
                "mixed_sources", "warn",
                f"{metric_words(metric.key)} mixes systems: {share:.0%} of {_named(denominator)} come from sources without any "
                f"{_named(metric.numerator)}, most of them from {source}. Ask about one source: --where source=...",
                window, measures=metric.measures(),
            )  # fmt: skip


def _named(formula: Sum) -> str:
    return " + ".join(sorted(formula.measures()))


def loss_issues(
    cube: Cube, steps: tuple[str, str, str], sliced: list[str], status: Status = "fail"
) -> Iterator[QualityIssue]:
    """One middle step falls against the step before it, and the next rises against it by as much: the widest segment of those
    in which it falls furthest but for chance."""
    losses: list[tuple[float, float, QualityIssue]] = []
    for where, (before, middle, after) in grouped_sums(cube, steps, sliced):
        for days in SPANS:
            into, out = (ratio_step(*pair, days) for pair in ((middle, before), (after, middle)))
            if into is None or out is None:
                continue
            (fall, fall_sd), (rise, rise_sd) = into, out
            closes = abs(fall + rise) <= _CLOSES * abs(fall) + fall_sd + rise_sd
            if closes and -fall > max(_LOSS, _SURE * fall_sd) and rise > max(_LOSS, _SURE * rise_sd):
                first = cube.window.last - days + 1
                issue = QualityIssue(
                    "logging_loss", status,
                    f"{steps[1]}{f' of {where}' if where else ''}: {steps[1]}/{steps[0]} is {np.exp(fall) - 1:+.0%} and "
                    f"{steps[2]}/{steps[1]} {np.exp(rise) - 1:+.0%} in the last {days} days, their product as before: "
                    f"{steps[1]} are lost in counting.",
                    Window(first, cube.window.last), measures=frozenset({steps[1]}), where=where,
                )  # fmt: skip
                losses.append((fall, fall_sd, issue))
    yield from _widest(losses)


def lost_visit_issues(cube: Cube, sliced: list[str]) -> Iterator[QualityIssue]:
    """All that is counted of visits falls alike, and as many orders come of the remainder as of all before: the widest segment of
    those in which it falls furthest but for chance. Visitors who never buy may have left as well."""
    losses: list[tuple[float, float, QualityIssue]] = []
    for where, (seen, clicks, orders) in grouped_sums(cube, _VISITS, sliced):
        for days in SPANS:
            visits = ratio_step(seen, np.full(len(seen), _A_DAY), days)
            rate, out = ratio_step(clicks, seen, days), ratio_step(orders, seen, days)
            if visits is None or rate is None or out is None:
                continue
            (fall, fall_sd), (rise, rise_sd) = visits, out
            closes = abs(fall + rise) <= _CLOSES * abs(fall) + fall_sd + rise_sd and abs(rate[0]) <= _LOSS + rate[1]
            if closes and -fall > max(_ALL_LOST, _SURE * fall_sd) and rise > max(_ALL_LOST, _SURE * rise_sd):
                since = Window(cube.window.last - _high_days(orders, seen, rise, days) + 1, cube.window.last)
                issue = QualityIssue(
                    "logging_loss", "warn",
                    f"impressions and clicks{f' of {where}' if where else ''} are {np.exp(fall) - 1:+.0%} since "
                    f"{date_text(since.first)}, and orders/impressions {np.exp(rise) - 1:+.0%}: as many orders as before. "
                    "Are all visits still counted, or a sample of them?",
                    since, measures=frozenset(name for steps in FUNNELS for name in steps if name != "orders"), where=where,
                )  # fmt: skip
                losses.append((fall, fall_sd, issue))
    yield from _widest(losses)


def _high_days(above: Floats, below: Floats, rise: float, days: int) -> int:
    """For how many newest days in a row a ratio has lain above half of its rise (log), which `days` of them show."""
    past = slice(-days - BEFORE, -days)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(above / below) - np.log(above[past].sum() / below[past].sum())
    return int((ratio[::-1] > rise / 2).argmin()) or days


def _widest(losses: list[tuple[float, float, QualityIssue]]) -> Iterator[QualityIssue]:
    """The first of those that fall as far (log, standard deviation) as the deepest, but for chance; none of none."""
    if losses:
        deepest, deepest_sd, _ = min(losses, key=itemgetter(0))
        yield next(issue for fall, sd, issue in losses if fall - deepest <= Z95 * np.hypot(sd, deepest_sd))


def _definition(cube: Cube, metric: Metric, sliced: list[str]) -> Iterator[QualityIssue]:
    """A rate that gets worse alike in every value of every dimension on one day: nothing in the world does that."""
    days = 7

    divisor = metric.denominator or metric.numerator

    def sums(dimensions: tuple[str, ...]) -> tuple[Floats, Floats]:
        by_name = {name: cube.daily(name, dimensions) for name in metric.measures()}
        return np.asarray(metric.numerator.of(by_name)), np.asarray(divisor.of(by_name))

    whole = ratio_step(*sums(()), days)
    if whole is None or whole[0] < max(_ALIKE_STEP, _SURE * whole[1]):
        return
    parts = 0
    for dimension in sliced:
        numerator, denominator = sums((dimension,))
        steps = [ratio_step(top, other, days) for top, other in zip(numerator[1:], denominator[1:], strict=True)]
        finite = [step for step in steps if step is not None]
        if any(abs(step[0] - whole[0]) > _ALIKE * step[1] + 0.05 for step in finite):
            return
        parts = max(parts, len(finite))
    if parts >= 4:
        first = cube.window.last - days + 1
        yield QualityIssue(
            "definition_change", "warn",
            f"{metric_words(metric.key)} is {np.exp(whole[0]) - 1:+.0%} in the last {days} days, alike in every "
            f"{' and '.join(sliced)}: "
            "is it still counted by the same rule?",
            Window(first, cube.window.last), measures=metric.numerator.measures(),
        )  # fmt: skip
