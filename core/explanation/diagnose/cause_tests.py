"""Facts: named tests that signatures ask for, each a degree from 0 (does not hold) to 1 (holds) with its figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import exp, hypot

import numpy as np

from core.base.count_text import count
from core.base.days import Window
from core.base.segment import Segment
from core.explanation.decompose.metric_moves import MetricMove, moved
from core.explanation.diagnose.change_evidence import FactResult
from core.explanation.diagnose.change_facts import ChangeContext, daily_of
from core.explanation.diagnose.creator_tests import (
    FEW,
    few_creators,
    have_violations,
    many_subjects,
    one_agency,
    only_creators,
    only_leavers,
    vanished,
)
from core.explanation.diagnose.event_matching import OVER
from core.explanation.diagnose.merged_steps import counted_steps
from core.workspace.read.rows.agencies import BUSIEST

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
    wide = daily_of(case, around)
    elsewhere = case.everything.minus(wide) if around else None
    return moved([volume], wide.minus(case.inside), elsewhere).get(volume.key)


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
        return FactResult(min(1.0, 1.5 * score), f"{kind} {best.short_name} {when}")

    return test


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
    "few_creators": (f"at most {FEW} creators cause the change", few_creators),
    "names_creators": ("only specific creators are affected", _names("creator_id")),
    "have_violations": ("every creator had a violation at that time", have_violations),
    "one_agency": ("the creators belong to one agency", one_agency),
    "vanished": ("almost nothing is left", vanished),
    "many_subjects": ("many creators had violations", many_subjects),
    "channel_search": ("only search is affected", _names("channel", *_SEARCH)),
    "channel_recommendation": ("only recommendation is affected", _names("channel", *_RECOMMENDATION)),
    "spans_channels": ("the change is not confined to specific channels", _spans_channels),
    "only_creators": ("only creators' traffic changed", only_creators),
    "only_leavers": ("only those who left are affected", only_leavers),
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
