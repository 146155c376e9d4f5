"""How unequally exposure and sales are spread over the active members, how sure that is, and whether it changes.

The population is who was active, not who ever signed up: those who are idle would raise every figure (Cowell, Measuring
Inequality, 2011, ch. 2). Two uncertainties are separate. The interval of a figure says how much it hangs on who happens to be
among the members (`size_distribution`). Whether it changed is asked of the same members, week by week: `claims` tests the newest
weeks against how much the weeks usually differ, and how far members usually move.
"""

from collections.abc import Iterator

import numpy as np

from core.base.arrays import Floats, Ints
from core.detection.distributions import Z95
from core.ecosystem.changes.step_test import LEAST_HISTORY, RECENT, steps
from core.ecosystem.members.activity import BEFORE, NOW, Activity
from core.ecosystem.results.claim_results import Claim, Interval
from core.ecosystem.results.health_results import Concentration, LargeMember, Spread
from core.ecosystem.spread.member_moves import TESTED, step_variances
from core.ecosystem.spread.size_distribution import size_intervals

MEASURES = ("gmv", "impressions")
_SEED = 20_260_315
_REPLICAS = 200
_MOST_DRAWS = 8_000_000
_CENTS = {"gmv": 100}
LEAST_MEMBERS = 20
"""Members below whose number no figure is shown."""
_LEAST_MEMBERS = {"gini": LEAST_MEMBERS, "hhi": LEAST_MEMBERS, "top_1pct_share": 100, "top_10pct_share": 30}
"""Active members below which a figure is not shown: a hundredth of them has to be one at least, a tenth three. Intervals of the
Gini index of twelve members are 0.5 to 0.7 wide, and cover 90 % under Pareto 2."""
_LEAST_TESTED = 8
"""Members active in every week from which a change is tested: it is one of the same members."""
_RESAMPLED = 300
"""Members from which on a bootstrap stands in where no law fits: below, it covers 50 to 89 % under skewed sizes."""
_NAMED = 3


def concentrations(activity: Activity) -> list[Concentration]:
    """The spread of gmv and of impressions over the active members of a side; without any amount: left out."""
    measures = [name for name in MEASURES if name in activity.amounts]
    result = [_concentration(activity, name) for name in measures]
    return [item for item in result if item is not None]


def _concentration(activity: Activity, measure: str) -> Concentration | None:
    now, before = activity.active(NOW), activity.active(BEFORE)
    amounts = activity.amount(measure, NOW), activity.amount(measure, BEFORE)
    if not amounts[0][now].any():
        return None
    has_before = activity.weeks >= BEFORE.stop and bool(amounts[1][before].any())
    sizes = amounts[0][now].astype(np.float64)
    intervals = figure_intervals(sizes)
    total = float(amounts[0].sum())
    largest = np.argsort(-amounts[0], kind="stable")[:_NAMED].tolist()
    return Concentration(
        side=activity.crowd.side,
        measure=measure,
        population=int(now.sum()),
        total=total / _CENTS.get(measure, 1),
        now=_shown(sizes, intervals),
        intervals=intervals,
        population_before=int(before.sum()),
        before=_shown(amounts[1][before].astype(np.float64), intervals) if has_before else None,
        largest=tuple(
            LargeMember(activity.crowd.names.words[at], float(amounts[0][at]) / total)
            for at in largest
            if amounts[0][at]
        ),
    )


def _shown(sizes: Floats, intervals: dict[str, Interval]) -> Spread:
    """The figures that have an interval."""
    figures = spread(sizes)
    hhi = figures.hhi if "hhi" in intervals else None
    return Spread(
        gini=figures.gini if "gini" in intervals else None,
        hhi=hhi,
        effective_number=None if hhi is None else figures.effective_number,
        top_1pct_share=figures.top_1pct_share if "top_1pct_share" in intervals else None,
        top_10pct_share=figures.top_10pct_share if "top_10pct_share" in intervals else None,
    )


def figure_intervals(sizes: Floats) -> dict[str, Interval]:
    """95 % interval of each figure that as many members allow; shape (members,). Figures without one are not shown."""
    if len(sizes) < LEAST_MEMBERS:
        return {}
    result = dict(size_intervals(sizes))
    if not result and (sizes > 0).sum() >= _RESAMPLED:
        result = _resampled(sizes)
    point = _figures(sizes)
    return {
        name: (min(low, point[name]), max(high, point[name]))
        for name, (low, high) in result.items()
        if len(sizes) >= _LEAST_MEMBERS[name]
    }


def _resampled(sizes: Floats) -> dict[str, Interval]:
    """From replicas in which each member counts Poisson(1) times, on the scale of log odds."""
    random = np.random.Generator(np.random.PCG64(_SEED))
    times = int(np.clip(_MOST_DRAWS // len(sizes), 20, _REPLICAS))
    drawn = [_figures(np.repeat(sizes, random.poisson(1.0, len(sizes)))) for _ in range(times)]
    point, result = _figures(sizes), {}
    for name, value in point.items():
        half = Z95 * float(np.std([_log_odds(item[name]) for item in drawn], ddof=1))
        result[name] = (_share(_log_odds(value) - half), _share(_log_odds(value) + half))
    return result


def spread(sizes: Floats) -> Spread:
    """The figures of one population; amounts are not negative, their sum is not 0. Shape (members,)."""
    figures = _figures(sizes)
    return Spread(**figures, effective_number=1 / figures["hhi"])


def _figures(sizes: Floats) -> dict[str, float]:
    ordered = np.sort(sizes)
    n, total = len(ordered), float(ordered.sum())
    lorenz = np.concatenate([[0.0], np.cumsum(ordered)]) / total
    places = np.arange(n + 1) / n
    return {
        "gini": 1 - float((lorenz[1:] + lorenz[:-1]).sum()) / n,
        "hhi": float((ordered**2).sum()) / total**2,
        "top_1pct_share": 1 - float(np.interp(0.99, places, lorenz)),
        "top_10pct_share": 1 - float(np.interp(0.9, places, lorenz)),
    }


def claims(activity: Activity, weekly: dict[str, Floats]) -> Iterator[Claim]:
    """Whether each figure changed; `weekly`: measure -> amounts of shape (members, weeks), newest first."""
    for measure, amount in weekly.items():
        weeks = amount.shape[1]
        if weeks < max(RECENT) + LEAST_HISTORY or (amount > 0).sum(axis=0).min() < _LEAST_TESTED:
            continue
        figures = [_figures(amount[amount[:, week] > 0, week]) for week in range(weeks)]
        recent, earlier = amount[:, : max(RECENT)].sum(axis=1), amount[:, max(RECENT) : 2 * max(RECENT)].sum(axis=1)
        whole = _figures_of(recent), _figures_of(earlier)
        sizes = recent + earlier
        # one family: the figures of the same amounts
        series = np.array([[_log_odds(figure[name]) for figure in figures] for name in TESTED])
        moves = step_variances(amount, series, RECENT, _figures_of(sizes), sizes[sizes > 0])
        tested = steps(series, np.zeros(len(TESTED)), of_members=moves)
        half = tested.half()
        for row, name in enumerate(TESTED):
            before = float(tested.level[row])
            low, now, high = (_share(before + float(tested.step[row]) + part * float(half[row])) for part in (-1, 0, 1))
            usual = _share(before)
            rose = now > usual
            yield Claim(
                topic="concentration", figure=f"{name} of {measure}", side=activity.crowd.side, where={}, unit="index",
                now=whole[0][name], before=whole[1][name], effect=now - usual, is_factor=False,
                interval=(low - usual, high - usual), p_value=float(tested.p_value[row]),
                onset=activity.as_of - 7 * int(tested.onset[row]) + 1, is_worse=rose,
                who=_gainers(activity, amount, rose),
            )  # fmt: skip


def _figures_of(sizes: Floats) -> dict[str, float]:
    return _figures(sizes[sizes > 0])


def _gainers(activity: Activity, amount: Floats, upwards: bool) -> tuple[str, ...]:
    """Whose share of the amount rose, or fell, most."""
    recent, history = amount[:, : max(RECENT)].sum(axis=1), amount[:, max(RECENT) :].sum(axis=1)
    gained = (recent / recent.sum() - history / history.sum()) * (1 if upwards else -1)
    order: Ints = np.argsort(-gained, kind="stable")[:_NAMED]
    return tuple(activity.crowd.names.words[at] for at in order.tolist() if gained[at] > 0)


def _log_odds(share: float) -> float:
    inside = min(max(share, 1e-9), 1 - 1e-9)
    return float(np.log(inside / (1 - inside)))


def _share(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))
