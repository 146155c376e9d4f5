"""Whether groups are rated alike: gaps in score, who gets the top grades, who is graded too low.

A gap is no proof of unfairness: groups may differ in what they do. A selection ratio below 4/5 counts only when chance does not
explain it (the rule by itself knows no sample size), and a demotion is false as far as the posteriors of the scores tell.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import largest_of
from core.detection.distributions import Z95
from core.ecosystem.fairness.score_history import ScoreHistory
from core.ecosystem.members.member_groups import MemberGroups
from core.ecosystem.proportions import fisher, ratio_of, share_of
from core.ecosystem.results.claim_results import Claim, Interval
from core.ecosystem.results.fairness_results import GroupGap
from core.ratings.rating_table import RatingTable

_SIZES = (30, 300)
"""Order lines from which a card is middling, and large."""
_SIZE_WORDS = ("under 30 orders", "30 to 299 orders", "300 orders or more")
_FOUR_FIFTHS, _CHANCE = 0.8, 0.05
_COVERED = 0.975
_BEST = 100.0
"""The best score; the worst is 0."""
_LEAST_PERSONS = 3
"""On either side: the spread of two tells next to nothing."""
_UNTESTED = frozenset({"size", "newcomer"})
"""Groups whose scores differ by design: little evidence leans to the mean of the peers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cards:
    """What is known of each card; shape (cards,)."""

    person: Ints
    shop: Ints
    """A number for the shop that each sells most of; whoever has none has a number to itself."""
    score: Floats
    spread: Floats
    """Standard deviation of its posterior."""
    score_before: Floats
    """nan = not rated then."""
    graded: Flags
    top: Flags
    good: Floats
    """Chance that the true score lies in the top grades."""


def fairness(standing: ScoreHistory, members: MemberGroups, shops: Ints | None = None) -> Iterator[GroupGap]:
    """Every group of a side, of those kinds of groups of which there are several.

    `shops`: the shop that each member sells most of, by place; 0 = none.
    """
    items = _cards(standing, shops)
    for group, code, words in groups_of(standing.now, standing.cards, members):
        values = [item for item in np.unique(code).tolist() if words[item]]
        for value in values if len(np.unique(code)) > 1 else ():
            yield _group(standing, group, words[value], items, code == value)


def gap_claims(gaps: Sequence[GroupGap]) -> Iterator[Claim]:
    """A claim for each gap in score that can be tested."""
    for item in gaps:
        if item.p_value is not None and item.group not in _UNTESTED:
            yield Claim(
                topic="fairness", figure="score_gap", side=item.side, where={item.group: item.value}, unit="points",
                now=item.gap, before=item.before, effect=item.gap, is_factor=False, interval=item.interval, p_value=item.p_value,
                onset=None, is_worse=item.gap < 0,
            )  # fmt: skip


def _cards(standing: ScoreHistory, shops: Ints | None = None) -> _Cards:
    from scipy.special import ndtr

    now, cards, grade = standing.now, standing.cards, standing.grade()
    earlier = standing.matched
    before = np.full(len(cards), np.nan)
    if standing.before is not None:
        before = np.where(earlier < 0, np.nan, standing.before.score[earlier])
    spread = np.maximum(now.high[cards] - now.low[cards], 1e-9) / (2 * Z95)
    border = list(now.gathered.rules.grades.values())[standing.top - 1]
    who = now.gathered.frame.cards.who[cards]
    person = persons_of(now, who)
    shop = np.zeros(len(cards), np.int64) if shops is None else shops[who]
    return _Cards(
        person=person,
        shop=np.where(shop > 0, shop, person + int(shop.max(initial=0)) + 1),
        score=now.score[cards],
        spread=spread,
        score_before=before,
        graded=grade < len(standing.grades) - 1,
        top=grade < standing.top,
        good=ndtr((now.score[cards] - border) / spread),
    )


def persons_of(rated: RatingTable, places: Ints) -> Ints:
    """A number for whoever holds each of these accounts: persons without any of them take none, so no sum depends on them."""
    persons = np.array(rated.gathered.crowd.persons)[places]
    return np.unique(persons, return_inverse=True)[1].astype(np.int64)


def groups_of(rated: RatingTable, at: Ints, members: MemberGroups) -> Iterator[tuple[str, Ints, tuple[str, ...]]]:
    """Each kind of group, the code of each of these cards in it, and what the codes mean; "" = in none."""
    cards, crowd = rated.gathered.frame.cards, rated.gathered.crowd
    yield "market", cards.market[at], crowd.markets.words
    yield "role", cards.role[at], cards.roles
    if crowd.side == "creators" and "agency" in members.words:
        by_place = np.zeros(crowd.size, np.int64)
        by_place[crowd.names.place[: len(members.codes["agency"])]] = members.codes["agency"]
        yield "agency", by_place[cards.who[at]], members.words["agency"]
    yield "category", main_category(rated)[at], crowd.categories.words
    yield "size", np.searchsorted(_SIZES, rated.orders[at], side="right"), _SIZE_WORDS
    yield "newcomer", rated.newcomer[at].astype(np.int64), ("no", "yes")


def main_category(rated: RatingTable) -> Ints:
    """The category in which each card has most cases; 0 = not given. Shape (cards,)."""
    frame = rated.gathered.frame
    times = np.zeros(len(frame.cell_card))
    for stream in frame.streams:
        times += np.bincount(stream.cell, minlength=len(times))
    return frame.cell_category[largest_of(frame.cell_card, times)]


def _group(standing: ScoreHistory, group: str, value: str, cards: _Cards, here: Flags) -> GroupGap:
    # scores lean to the mean of such a group: of others, what leaning takes from the gap it takes from the error
    leans = any(group in peers for peers in standing.now.gathered.rules.groups)
    mean, gap, interval, chance = difference(
        cards.score, cards.person, here, cards.shop, cards.spread if leans else None
    )
    then = ~np.isnan(cards.score_before)
    before = difference(cards.score_before[then], cards.person[then], here[then])[1]
    graded = cards.graded & here
    ratio, ratio_interval, p_value = selection(cards.top[cards.graded], here[cards.graded])
    false, false_interval = _false_demotion(cards, graded)
    return GroupGap(
        side=standing.side,
        group=group,
        value=value,
        n=int(here.sum()),
        mean_score=mean,
        gap=gap,
        interval=interval,
        p_value=chance,
        before=None if np.isnan(before) else before,
        provisional=1 - float(graded.sum()) / float(here.sum()),
        graded=int(graded.sum()),
        selected=float(cards.top[graded].mean()) if graded.any() else None,
        selection_ratio=ratio,
        selection_interval=ratio_interval,
        selection_p_value=p_value,
        four_fifths=_verdict(ratio, p_value),
        false_demotion=false,
        false_demotion_interval=false_interval,
    )


def difference(
    score: Floats, person: Ints, here: Flags, shop: Ints | None = None, spread: Floats | None = None
) -> tuple[float, float, Interval | None, float | None]:
    """Mean of a group, what it has over all others, the 95 % interval of that and its two-sided chance; nan for who is not there.

    Cards of one person err together, and those of one shop share its good and bad orders: the wider interval counts. `spread`:
    the standard deviation of each score's posterior. Scores lean to the mean of their peers, so they lie closer together than the
    records that their mean rests on; errors are as much wider as leaning took away.
    """
    from scipy.special import stdtr, stdtrit

    if here.all() or not here.any():
        return (float(score.mean()) if here.any() else np.nan), np.nan, None, None
    means = float(score[here].mean()), float(score[~here].mean())
    gap = means[0] - means[1]
    persons = [len(np.unique(person[group])) for group in (here, ~here)]
    if min(persons) < _LEAST_PERSONS:
        return means[0], gap, None, None
    errors = [_clustered(score, means, here, cluster) for cluster in (person, shop) if cluster is not None]
    # a few persons may happen to lie close together: their gap counts by how far persons of all groups lie apart, too
    cards = np.maximum(np.bincount(person), 1)
    squares = float(((np.bincount(person, score - np.where(here, *means)) / cards) ** 2).sum())
    errors.append(((squares / (sum(persons) - 2) * sum(1 / n for n in persons)) ** 0.5, sum(persons) - 2.0))
    within = float(np.where(here, score - means[0], score - means[1]).var())
    leaning = 1.0 if spread is None or within <= 0 else 1 + float((spread**2).mean()) / within
    sure = [(leaning * error, freedom) for error, freedom in errors if error > 0]
    half = max((float(stdtrit(freedom, _COVERED)) * error for error, freedom in sure), default=0.0)
    chance = max((2 * float(stdtr(freedom, -abs(gap) / error)) for error, freedom in sure), default=1.0)
    # no mean score lies outside 0 to 100; an interval of all that it may be tells nothing
    low, high = max(gap - half, -means[1]), min(gap + half, _BEST - means[1])
    return means[0], gap, None if high - low >= _BEST else (low, high), chance


def _clustered(score: Floats, means: tuple[float, float], here: Flags, cluster: Ints) -> tuple[float, float]:
    """Standard error of the gap of two means, and Welch's degrees of freedom; 0 where a group has fewer than two clusters.

    Variances are sums over clusters (Liang and Zeger, Biometrika 1986).
    """
    sizes = [len(np.unique(cluster[group])) for group in (here, ~here)]
    if min(sizes) < 2:
        return 0.0, 1.0
    cluster = np.unique(cluster, return_inverse=True)[1]
    parts = np.where(here, (score - means[0]) / here.sum(), (means[1] - score) / (~here).sum())
    sums = [np.bincount(cluster[group], parts[group]) for group in (here, ~here)]
    variances = [float((item**2).sum()) * n / (n - 1) for item, n in zip(sums, sizes, strict=True)]
    total = float((np.bincount(cluster, parts) ** 2).sum()) * max(n / (n - 1) for n in sizes)
    weight = sum(variance**2 / (n - 1) for variance, n in zip(variances, sizes, strict=True))
    return total**0.5, sum(variances) ** 2 / weight if weight > 0 else 1e9


def selection(top: Flags, here: Flags) -> tuple[float | None, Interval | None, float | None]:
    """The share of top grades in a group over that of all others, its 95 % interval, and Fisher's two-sided chance.

    None when either is empty, or no other has a top grade.
    """
    a, n = int(top[here].sum()), int(here.sum())
    c, m = int(top[~here].sum()), int((~here).sum())
    if not n or not m or not c:
        return None, None, None
    return (a / n) / (c / m), ratio_of((a, n), (c, m)), fisher((a, n), (c, m))


def _verdict(ratio: float | None, p_value: float | None) -> str:
    if ratio is None or p_value is None:
        return ""
    if ratio >= _FOUR_FIFTHS:
        return "pass"
    return "fail" if p_value < _CHANCE else "unsure"


def _false_demotion(cards: _Cards, graded: Flags) -> tuple[float | None, Interval | None]:
    good = cards.good[graded]
    if not good.any():
        return None, None
    return share_of(good, (~cards.top[graded]).astype(np.float64))
