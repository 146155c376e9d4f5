"""Facts: named tests that signatures ask for, each a degree from 0 (does not hold) to 1 (holds) with its figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import exp, hypot

import numpy as np

from core.base.count_text import count
from core.base.days import Window
from core.base.segment import Segment
from core.catalogue import Metric
from core.detection.findings import Check
from core.explanation.decompose.metric_moves import Daily, MetricMove, daily, moved
from core.explanation.diagnose.cause_matching import FactResult
from core.explanation.diagnose.event_matching import OVER
from core.explanation.diagnose.merged_steps import counted_steps
from core.explanation.explanation_results import EventMatch, MixRate
from core.explanation.locate.onset import OnsetEstimate
from core.localization.with_history.actual_vs_expected import WEEK, ActualVsExpected
from core.workspace.read.agencies import BUSIEST
from core.workspace.read.event_log import Event

_FEW = 10
"""Creators that are still named one by one."""
_SOME = 0.1
"""A share of the traffic that is large enough to be judged by itself."""
_STILL = 0.05
"""How far a part that is not affected may stray, beyond chance (as in cause_matching)."""
_SEARCH = (
    "search", "query", "keyword", "suche", "recherche", "busca", "búsqueda", "ricerca", "zoek", "szuk", "arama", "поиск",
    "пошук", "pencarian", "tìm_kiếm", "ค้นหา", "搜索", "搜尋", "検索", "검색", "بحث", "खोज",
)  # fmt: skip
_RECOMMENDATION = (
    "recommend", "shop", "feed", "discover", "foryou", "for_you", "explore", "home", "empfehlung", "startseite", "recommandation",
    "accueil", "recomend", "inicio", "início", "consigli", "öneri", "keşfet", "anasayfa", "лента", "рекоменд", "главная",
    "rekomendasi", "beranda", "gợi_ý", "đề_xuất", "แนะนำ", "推荐", "推薦", "首页", "おすすめ", "ホーム", "추천", "홈", "توصيات",
)  # fmt: skip
"""What the channels of search and of recommendation are called, by parts of words of several languages."""
_MANY = 20
"""Creators with more violations than usual that are a wave; a quarter of those of a small segment is one too."""


@dataclass(frozen=True, kw_only=True)
class ChangeContext:
    """One change, and what is known of it so far."""

    compared: ActualVsExpected
    affected: ActualVsExpected
    """The rows of the segment, and what belongs to its creators."""
    segment: Segment
    """Where it is."""
    volume: Metric | None
    """What there is to sell by: impressions, where they are counted."""
    everything: Daily
    inside: Daily
    moved: Mapping[str, MetricMove]
    began: OnsetEstimate
    newest: int
    """The last day of the data."""
    events: Sequence[tuple[Event, EventMatch]]
    checks: Sequence[Check]
    agencies: Mapping[str, str]
    """creator_id -> agency_id."""
    buyers: Callable[[Window], float | None]
    """What share of the segment's orders on some days the busiest buyers made; None = buyers are not known."""
    mix: MixRate | None
    """Of the metric asked for, over the dimension that shifted most; None for sums."""


def _opposite_steps(case: ChangeContext) -> FactResult | None:
    """Steps in a row that move against one another, so that what passes all of them stays: a count between them is wrong.

    None where the steps are counted in different systems: one that stops leaves the other as it is.
    """
    if any(check.check == "mixed_sources" and check.status != "pass" for check in case.checks):
        return None
    steps = [case.moved[name] for name in counted_steps(case.moved) if name in case.moved]
    runs = [steps[first:last] for first, last in combinations(range(len(steps) + 1), 2) if last - first > 1]
    if not runs:
        return None
    best = max(runs, key=lambda run: (_cancelling(run), -len(run)))
    total = exp(sum(step.beyond for step in best)) - 1
    text = ", ".join(f"{step.words} {step.percent:+.1%}" for step in best)
    return FactResult(_cancelling(best), f"{text}: together {total:+.1%}")


def _cancelling(run: Sequence[MetricMove]) -> float:
    """How far steps cancel out, from 0 to 1; the first and the last one have moved clearly, in opposite directions."""
    if not (run[0].clear and run[-1].clear and run[0].beyond * run[-1].beyond < 0):
        return 0.0
    up, down = (sum(max(sign * step.beyond, 0.0) for step in run) for sign in (1, -1))
    return max(0.0, 1 - 2 * abs(up - down) / max(up, down))


def _newest_day_only(case: ChangeContext) -> FactResult:
    days = case.newest - case.began.day + 1
    return FactResult(1.0 if days <= 1 else 0.7 if days == 2 else 0.0, f"it has lasted {count(days, 'day')}")


def _traded_places(case: ChangeContext) -> FactResult | None:
    neighbours = [neighbour for name in case.segment.dimensions if (neighbour := _neighbours(case, name)) is not None]
    if not neighbours:
        return None
    best = max(neighbours, key=lambda neighbour: neighbour.beyond / neighbour.error)
    text = f"{best.words} of the neighbours {best.percent:+.1%} (±{2 * best.relative_error:.1%})"
    gained, stayed = (
        exp(-(((best.beyond - mean) / width) ** 2) / 2) / width
        for mean, width in ((0.12, hypot(best.error, 0.08)), (0.0, hypot(best.error, 0.02)))
    )
    return FactResult(gained / (gained + stayed + 1e-12), text)


def _neighbours(case: ChangeContext, dimension: str) -> MetricMove | None:
    """How impressions moved in what differs from the segment in one dimension only, versus all other rows."""
    volume = case.volume
    if volume is None or dimension not in case.compared.dimensions:
        return None
    around = Segment(tuple(term for term in case.segment.terms if term[0] != dimension))
    wide = _daily_of(case, around)
    elsewhere = case.everything.minus(wide) if around else None
    return moved([volume], wide.minus(case.inside), elsewhere).get(volume.key)


def _daily_of(case: ChangeContext, segment: Segment) -> Daily:
    """The sums by day of a segment, on the days on which the change is judged."""
    return replace(daily(case.compared.where(segment)), now=case.inside.now, reference=case.inside.reference)


def _event_of(kind: str, ended: bool) -> Callable[[ChangeContext], FactResult]:
    def test(case: ChangeContext) -> FactResult:
        fits = [
            (match.score, match)
            for event, match in case.events
            if event.kind == kind and match.reason.startswith(OVER) == ended
        ]
        if not fits:
            return FactResult(0.0, f"the change log has no {kind} that {'ended' if ended else 'began'} then")
        score, best = max(fits, key=lambda pair: pair[0])
        when = best.reason.partition(";")[0]  # its scope is said with what the event speaks for
        return FactResult(min(1.0, 1.5 * score), f"{kind} {best.event_id} {when}")

    return test


def _few_creators(case: ChangeContext) -> FactResult | None:
    named = dict(case.segment.terms).get("creator_id")
    if named is None:
        return None
    word = "creator causes" if len(named) == 1 else "creators cause"
    return FactResult(1.0 if len(named) <= _FEW else 0.0, f"{len(named)} {word} the change")


def _only_creators(case: ChangeContext) -> FactResult | None:
    """Whether what no creator brings stays, where a segment has both; undecided where it has only one of them."""
    volume = case.volume
    if volume is None or "creator_id" not in case.compared.dimensions:
        return None
    no_creator = Segment((*(term for term in case.segment.terms if term[0] != "creator_id"), ("creator_id", ("",))))
    alone = _daily_of(case, no_creator)
    usual, whole = (float(volume.numerator.of(line.sums)[line.reference].sum()) for line in (alone, case.inside))
    share = usual / whole if whole else 0.0
    elsewhere = case.everything.minus(case.inside) if case.segment else None
    other = moved([volume], alone, elsewhere).get(volume.key)
    if other is None or not _SOME < share < 1 - _SOME:
        return FactResult(0.5, f"{1 - share:.0%} of its {volume.name.lower()} come from creators")
    creators = moved([volume], case.inside.minus(alone), elsewhere).get(volume.key)
    fall = 0.0 if creators is None else creators.beyond
    alike, stays = (exp(-(((other.beyond - mean) / hypot(other.error, _STILL)) ** 2) / 2) for mean in (fall, 0.0))
    name = volume.name.lower()
    text = f"{name} without a creator {other.percent:+.1%} (±{2 * other.relative_error:.1%}), with one {exp(fall) - 1:+.1%}"
    return FactResult(stays / (stays + alike) if stays + alike else 0.5, text)


def _only_leavers(case: ChangeContext) -> FactResult | None:
    """Whether what is affected is those who left: a seller's traffic vanishes altogether, or only that of creators falls."""
    named = case.segment.dimensions
    return _vanished(case) if "seller_id" in named and "creator_id" not in named else _only_creators(case)


def _one_agency(case: ChangeContext) -> FactResult:
    named = dict(case.segment.terms).get("creator_id", ())
    if not case.agencies or len(named) < 2:
        return FactResult(0.5, "the agency of the creators is not known")
    agencies = [case.agencies.get(creator, "") for creator in named]
    most = max(set(agencies), key=agencies.count)
    share = agencies.count(most) / len(agencies) if most else 0.0
    together = (
        f"{share:.0%} of the {len(named)} creators belong to {most}"
        if most
        else f"the {len(named)} creators share no agency"
    )
    return FactResult(share, together)


def _few_buyers(case: ChangeContext) -> FactResult | None:
    orders = case.moved.get("orders")
    if orders is None or not orders.clear or orders.beyond <= 0:
        return None
    first, last = int(case.inside.days[case.inside.now][0]), int(case.inside.days[-1])
    now, before = (case.buyers(Window(*ends)) for ends in ((first, last), (2 * first - last - 1, first - 1)))
    if now is None or before is None:
        return None
    text = f"the {BUSIEST} busiest buyers made {now:.0%} of the orders, {before:.0%} in as many days before"
    return FactResult(float(np.clip((now - before) / 0.3, 0, 1)), text)


def _vanished(case: ChangeContext) -> FactResult | None:
    volume = case.moved.get(case.volume.key) if case.volume is not None else None
    if volume is None or not volume.expected:
        return None
    left = volume.actual / volume.expected
    return FactResult(float(np.clip((0.3 - left) / 0.25, 0, 1)), f"{left:.0%} of the usual {volume.words} is left")


def _many_subjects(case: ChangeContext) -> FactResult | None:
    if (
        "violations" not in case.affected.measures
        or "creator_id" not in case.affected.dimensions
        or case.volume is None
    ):
        return None
    actual, expected = (side[1:] for side in case.affected.by("violations", "creator_id"))
    more = int(np.count_nonzero(actual > np.maximum(2 * expected, 0.5)))
    active = int(np.count_nonzero(case.affected.by(case.volume.key, "creator_id")[1][1:]))
    many = min(_MANY, max(_FEW / 2, active / 4))
    return FactResult(
        float(np.clip((more - float(expected.sum())) / many, 0, 1)),
        f"{more} of {active} creators have more violations than usual",
    )


def _have_violations(case: ChangeContext) -> FactResult | None:
    """Whether each of some creators had a violation when the change began, or in the week before."""
    named = dict(case.segment.terms).get("creator_id", ())
    if "violations" not in case.compared.measures or not 0 < len(named) <= _FEW:
        return None
    lines = [daily(case.compared.where(Segment.of({"creator_id": name}))) for name in named]
    near = case.inside.days >= case.began.first - WEEK
    accused = sum(float(line.sums["violations"][near].sum()) >= 1 for line in lines)
    return FactResult(accused / len(named), f"{accused} of {len(named)} creators had a violation at that time")


def _names(dimension: str, *values: str) -> Callable[[ChangeContext], FactResult | None]:
    def test(case: ChangeContext) -> FactResult | None:
        if dimension not in case.compared.dimensions:
            return None
        names = dict(case.segment.terms).get(dimension, ())
        plain = [name.casefold().replace(" ", "_").replace("-", "_") for name in names]
        fits = bool(names) and (not values or all(any(word in name for word in values) for name in plain))
        what = " or ".join(values[:2]) or f"specific values of {dimension}"
        return FactResult(1.0 if fits else 0.0, f"the change is {'' if fits else 'not '}confined to {what}")

    return test


def _spans_channels(case: ChangeContext) -> FactResult | None:
    """The opposite of a change in named channels: a cause excludes it, so that data without channels do not count against it."""
    named = _names("channel")(case)
    return None if named is None else FactResult(1 - named.degree, named.text)


def _mostly_mix(case: ChangeContext) -> FactResult | None:
    """Whether shares shift, between values or inside the segment, where visitors come who buy nothing."""
    results = [result for result in (_shift(case), _dilution(case)) if result is not None]
    return max(results, key=lambda result: result.degree, default=None)


def _shift(case: ChangeContext) -> FactResult | None:
    if case.mix is None or not case.mix.mix + case.mix.rate:
        return None
    share = case.mix.mix / (case.mix.mix + case.mix.rate)
    return FactResult(float(np.clip(share, 0, 1)), f"{share:.0%} of the change is a mix effect by {case.mix.dimension}")


def _dilution(case: ChangeContext) -> FactResult | None:
    """How little of a rise in traffic shows in orders: what came buys nothing, inside slices that no dimension tells apart."""
    volume = None if case.volume is None else case.moved.get(case.volume.key)
    orders = case.moved.get("orders")
    if volume is None or orders is None or volume.metric == orders.metric or not (volume.clear and volume.beyond > 0):
        return None
    degree = max(1 - abs(orders.beyond) / volume.beyond, 0.0)
    return FactResult(degree, f"{volume.words} {volume.percent:+.0%} came with {orders.percent:+.0%} order lines")


def _slow(case: ChangeContext) -> FactResult:
    grown = case.began.grown if case.began.shape == "ramp" else 1
    text = f"it grew over {grown} days" if grown > 1 else f"it began as a {case.began.shape}"
    return FactResult(float(np.clip((grown - 4) / 10, 0, 1)), text)


def _check(name: str) -> Callable[[ChangeContext], FactResult]:
    def test(case: ChangeContext) -> FactResult:
        bad = [check for check in case.checks if check.check == name and check.status != "pass"]
        text = f"check of the data, {name}: {bad[0].detail if bad else 'passed'}"
        return FactResult(0.0 if not bad else 1.0 if bad[0].status == "fail" else 0.8, text)

    return test


FACTS: Mapping[str, tuple[str, Callable[[ChangeContext], FactResult | None]]] = {
    "opposite_steps": ("neighbouring steps moved in opposite directions by the same factor", _opposite_steps),
    "newest_day_only": ("only the newest day is affected", _newest_day_only),
    "traded_places": ("neighbouring values gained what it lost", _traded_places),
    "event_holiday": ("a holiday began then", _event_of("holiday", ended=False)),
    "event_campaign_over": ("a campaign ended then", _event_of("campaign", ended=True)),
    "few_creators": (f"at most {_FEW} creators cause the change", _few_creators),
    "names_creators": ("only specific creators are affected", _names("creator_id")),
    "have_violations": ("every creator had a violation at that time", _have_violations),
    "one_agency": ("the creators belong to one agency", _one_agency),
    "vanished": ("almost nothing is left", _vanished),
    "many_subjects": ("many creators had violations", _many_subjects),
    "channel_search": ("only search is affected", _names("channel", *_SEARCH)),
    "channel_recommendation": ("only recommendation is affected", _names("channel", *_RECOMMENDATION)),
    "spans_channels": ("the change is not confined to specific channels", _spans_channels),
    "only_creators": ("only creators' traffic changed", _only_creators),
    "only_leavers": ("only those who left are affected", _only_leavers),
    "names_product": ("only specific products are affected", _names("product_id")),
    "mostly_mix": ("most of it is a mix effect", _mostly_mix),
    "slow": ("it came gradually", _slow),
    "few_buyers": ("a few buyers made the new orders", _few_buyers),
    "check_partial_newest_day": ("the newest day is incomplete", _check("partial_newest_day")),
    "check_logging_loss": ("a step of the funnel loses events", _check("logging_loss")),
    "check_definition_change": ("a rate changed everywhere at once", _check("definition_change")),
}
"""Name -> claim, test; a test gives None where the data cannot tell."""


def cause_tests(case: ChangeContext, names: Sequence[str]) -> dict[str, FactResult]:
    """The tests that signatures ask for, those that the data cannot decide left out."""
    results = {name: (FACTS[name][0], FACTS[name][1](case)) for name in names}
    return {name: replace(fact, claim=claim) for name, (claim, fact) in results.items() if fact is not None}
