"""How unequally exposure and sales are spread, with intervals.

The population is who was active, not who ever signed up: those who are idle would raise every figure (Cowell, Measuring
Inequality, 2011, ch. 2). Intervals come from the Poisson bootstrap over members (Chamandy et al., Estimating uncertainty for
massive data streams, 2012): each member counts Poisson(1) times, and the spread of the replicas, on a scale on which they
scatter evenly, is laid around the figure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.ecosystem.activity import BEFORE, NOW, Activity
from core.ecosystem.health_results import Concentration, Interval, Spread

_SEED = 20_260_315
_REPLICAS = 200
_MOST_DRAWS = 8_000_000
_FEWEST_REPLICAS = 20
_AT_ONCE = 2_000_000
_SURE = 1.959964
_CENTS = {"gmv": 100}
FIGURES = tuple(one.name for one in fields(Spread))
_SHARES = ("gini", "hhi", "top_1pct_share", "top_10pct_share")


@dataclass(frozen=True, slots=True)
class _Sorted:
    """The amounts of a population from the smallest to the largest."""

    order: Ints
    amount: Floats

    @classmethod
    def of(cls, amount: Floats) -> "_Sorted":
        order = np.argsort(amount, kind="stable")
        return cls(order, amount[order])


def concentrations(activity: Activity) -> list[Concentration]:
    """The spread of gmv and of impressions over the active members of a side; without any amount: left out."""
    known = [name for name in ("gmv", "impressions") if name in activity.amounts]
    found = [_concentration(activity, name) for name in known]
    return [one for one in found if one is not None]


def _concentration(activity: Activity, measure: str) -> Concentration | None:
    now, before = activity.active(NOW), activity.active(BEFORE)
    amounts = activity.amount(measure, NOW), activity.amount(measure, BEFORE)
    if not amounts[0][now].any():
        return None
    has_before = activity.weeks >= BEFORE.stop and bool(amounts[1][before].any())
    members = np.flatnonzero(now | before) if has_before else np.flatnonzero(now)
    held = [(now[members], amounts[0][members]), (before[members], amounts[1][members])][: 1 + has_before]
    replicas = _replicas(held)
    spreads = [spread(amount[here].astype(np.float64)) for here, amount in held]
    return Concentration(
        side=activity.crowd.side,
        measure=measure,
        population=int(now.sum()),
        total=float(amounts[0].sum()) / _CENTS.get(measure, 1),
        now=spreads[0],
        intervals=_intervals(spreads[0], replicas[0]),
        population_before=int(before.sum()),
        before=spreads[1] if has_before else None,
        change_intervals=_changes(spreads, replicas) if has_before else {},
    )


def spread(amount: Floats) -> Spread:
    """The figures of one population; amounts are not negative, their sum is not 0. Shape (members,)."""
    found = {name: float(one[0]) for name, one in _figures(_Sorted.of(amount), np.ones((1, len(amount)))).items()}
    palma = found.pop("palma")
    return Spread(**found, palma=palma if np.isfinite(palma) else None)


def _figures(held: _Sorted, weights: Floats) -> Mapping[str, Floats]:
    """Every figure of each replica, nan where it draws nobody; weights of shape (replicas, members), in the order of amounts."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _of_weights(held, weights)


def _of_weights(held: _Sorted, weights: Floats) -> Mapping[str, Floats]:
    people, money = np.cumsum(weights, axis=1), np.cumsum(weights * held.amount, axis=1)
    size, total = people[:, -1], money[:, -1]
    hhi = (weights * held.amount**2).sum(axis=1) / total**2
    # twice the area under the Lorenz curve, by trapezoids
    area = (weights * (2 * money - weights * held.amount)).sum(axis=1) / (size * total)
    top = {share: 1 - _below(people, money, 1 - share) / total for share in (0.01, 0.1)}
    poor = _below(people, money, 0.4) / total
    palma = np.where(poor > 0, top[0.1] / poor, np.inf)
    return dict(zip(FIGURES, (1 - area, hhi, 1 / hhi, top[0.01], top[0.1], palma), strict=True))


def _below(people: Floats, money: Floats, share: float) -> Floats:
    """What the lowest share of the people of each replica has; who stands on the border counts in part."""
    wanted = share * people[:, -1]
    at = np.minimum((people < wanted[:, None]).sum(axis=1), people.shape[1] - 1)
    rows = np.arange(len(at))
    excess = people[rows, at] - wanted
    before = np.where(at > 0, at - 1, 0)
    own = people[rows, at] - np.where(at > 0, people[rows, before], 0)
    amount = money[rows, at] - np.where(at > 0, money[rows, before], 0)
    part: Floats = money[rows, at] - amount * excess / own
    return part


def _replicas(held: list[tuple[Flags, Ints]]) -> list[Mapping[str, Floats]]:
    """The figures of every replica, for each population; one member weighs the same in all of them."""
    size = len(held[0][0])
    count = int(np.clip(_MOST_DRAWS // max(size, 1), _FEWEST_REPLICAS, _REPLICAS))
    random = np.random.Generator(np.random.PCG64(_SEED))
    populations = [(np.flatnonzero(here), _Sorted.of(amount[here].astype(np.float64))) for here, amount in held]
    parts: list[list[Mapping[str, Floats]]] = [[] for _ in held]
    step = max(_AT_ONCE // max(size, 1), 1)
    for start in range(0, count, step):
        weights = random.poisson(1.0, (min(step, count - start), size)).astype(np.float64)
        for part, (places, found) in zip(parts, populations, strict=True):
            part.append(_figures(found, weights[:, places[found.order]]))
    return [{name: np.concatenate([one[name] for one in part]) for name in FIGURES} for part in parts]


def _intervals(point: Spread, replicas: Mapping[str, Floats]) -> dict[str, Interval]:
    found = {}
    for name in FIGURES:
        value = getattr(point, name)
        if value is not None:
            there, back = _scale(name)
            usable = replicas[name][np.isfinite(replicas[name])]
            half = _SURE * float(np.std(there(usable), ddof=1)) if len(usable) > 1 else np.inf
            middle = float(there(np.array([value]))[0])
            low, high = back(np.array([middle - half, middle + half])).tolist()
            found[name] = (low, high)
    return found


def _scale(name: str) -> tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]:
    """Shares scatter evenly as log odds, the others as logarithms."""
    if name in _SHARES:
        return (lambda x: np.log(_inside(x) / (1 - _inside(x)))), (lambda y: 1 / (1 + np.exp(-y)))
    return (lambda x: np.log(x)), (lambda y: np.exp(y))


def _inside(share: Floats) -> Floats:
    return np.clip(share, 1e-9, 1 - 1e-9)


def _changes(spreads: list[Spread], replicas: list[Mapping[str, Floats]]) -> dict[str, Interval]:
    found = {}
    for name in FIGURES:
        now, before = getattr(spreads[0], name), getattr(spreads[1], name)
        if now is not None and before is not None:
            usable = np.isfinite(replicas[0][name]) & np.isfinite(replicas[1][name])
            change = replicas[0][name][usable] - replicas[1][name][usable]
            half = _SURE * float(np.std(change, ddof=1)) if len(change) > 1 else np.inf
            found[name] = (now - before - half, now - before + half)
    return found
