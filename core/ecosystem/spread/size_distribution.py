"""What sizes tell of the population that they come from: Gini, top shares and HHI with intervals that cover under heavy tails.

A bootstrap of the members knows nothing of members larger than those at hand, so its intervals miss under skewed sizes (Cowell
and Flachaire, J. Econometrics 2007). Here the logarithms of sizes are fitted by the sum of a normal and an exponential variable
(Pareto-lognormal: Reed and Jorgensen, Comm. Stat. 2004), which is lognormal at one end and Pareto's law at the other, by Pareto's
law itself and by Lomax' law; intervals are quantiles of the posterior, mixed over the laws by their evidence under flat priors of
location and log spread (Berger and Pericchi, Annals of Statistics 1998). A fit that the sizes reject gives no interval.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.base.arrays import Floats
from core.ecosystem.spread.expected_hhi import expected_hhi

FIGURES = ("gini", "hhi", "top_1pct_share", "top_10pct_share")
_TAILS = np.linspace(0.0, 0.995, 12)
"""Share of the exponential part in the standard deviation of log sizes: 0 = lognormal, near 1 = Pareto."""
_SCALES, _PLACES = 31, 25
"""Grid points for spread and location: half as many moved no limit by more than 0.003."""
_REACH = 4.5
"""Standard errors that the grid spans on each side."""
_BINS = 100
"""Log sizes are binned beyond so many members: with 400 bins no limit moved by more than 0.007, in thrice the time."""
_COVERED = (0.025, 0.975)
_PICKED = 80
"""Laws of the posterior for which HHI, which depends on the number of members, is computed."""
_GRID_FROM, _GRID_TO, _GRID = -7.0, 28.0, 400
"""Grid of logarithms of sizes, in standard deviations of the widest law."""
_MISFIT = 1.95
"""Kolmogorov's statistic beyond which sizes reject the best fit (0.1 % for a fixed law)."""
_INDICES = np.exp(np.linspace(np.log(0.4), np.log(14.0), 120))
_LOMAX_STEP = 0.15
_LOGNORMAL, _BETWEEN, _PARETO, _LOMAX = 0.35, 0.15, 0.35, 0.15
"""Weights of the laws before sizes are seen. With equal ones 12 lognormal sizes gave intervals that covered 85 %."""
_LOG_REACH = np.linspace(-9.0, 40.0, 4901)
_LOG_GRID = np.linspace(-9.0, 45.0, 721)
_SPREADS = np.exp(np.linspace(np.log(0.02), np.log(8.0), 80))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Posterior:
    """Weight of each law: Pareto-lognormal by tail and spread, shape (tails, scales), Pareto and Lomax by index."""

    scales: Floats
    weight: Floats
    index: Floats
    """Of Pareto's law and of Lomax'."""
    pareto: Floats
    lomax: Floats


def size_intervals(sizes: Floats) -> Mapping[str, tuple[float, float]]:
    """95 % interval of each figure for the population that positive sizes come from; empty where no law fits, or for under 8
    members. HHI is that of as many members, drawn anew."""
    logs = np.log(sizes[sizes > 0])
    if len(logs) < 8 or np.ptp(logs) < 1e-6:
        return {}
    posterior = _fit(logs)
    if _misfit(logs, posterior):
        return {}
    weight = np.concatenate([posterior.weight.ravel(), posterior.pareto, posterior.lomax])
    result = {}
    for name, top in (("gini", None), ("top_1pct_share", 0.01), ("top_10pct_share", 0.1)):
        laws = (_tail_share(posterior.scales, top).ravel(), *_index_shares(posterior.index, top))
        result[name] = _quantiles(np.concatenate(laws), weight)
    result["hhi"] = _quantiles(_hhi(posterior, weight, len(logs)), np.ones(_PICKED))
    return result


def _quantiles(values: Floats, weight: Floats) -> tuple[float, float]:
    order = np.argsort(values, kind="stable")
    reached = (np.cumsum(weight[order]) - weight[order] / 2) / weight.sum()
    low, high = np.interp(_COVERED, reached, values[order]).tolist()
    return low, high


def _fit(logs: Floats) -> _Posterior:
    n, mean, spread = len(logs), float(logs.mean()), float(logs.std(ddof=1))
    # of the sizes as they are: in bins the least of 300 moved, and Pareto's intervals covered 90 %
    pareto = _pareto(logs)
    if n > _BINS:
        times, edges = np.histogram(logs, _BINS)
        logs, times = (edges[1:] + edges[:-1]) / 2, times.astype(np.float64)
    else:
        times = np.ones(n)
    reach = _REACH / n**0.5
    scales = spread * np.exp(np.linspace(-1.5 * reach, 1.5 * reach, _SCALES))
    places = mean + spread * np.linspace(-reach, reach, _PLACES)
    z = (logs[None, None, :] - places[None, :, None]) / scales[:, None, None]
    # the grid is even, so one look-up serves all tables: twelve times np.interp took three times as long
    position = np.clip((z - _LOG_REACH[0]) / (_LOG_REACH[1] - _LOG_REACH[0]), 0.0, len(_LOG_REACH) - 1.001)
    below = position.astype(np.int64)
    above = position - below
    likely = np.empty((len(_TAILS), _SCALES, _PLACES))
    for row, table in enumerate(_densities()):
        likely[row] = (table[below] + above * np.diff(table)[below]) @ times - n * np.log(scales)[:, None]
    lomax = _lomax(logs, times)
    best = max(float(likely.max()), float(lomax.max()), float(pareto.max()))
    step = np.log(_INDICES[1] / _INDICES[0])
    weight = np.exp(likely - best).sum(axis=2) * (places[1] - places[0]) * np.log(scales[1] / scales[0])
    weight[0] *= _LOGNORMAL
    weight[1:] *= _BETWEEN / (len(_TAILS) - 1)
    return _Posterior(
        scales=scales,
        weight=weight,
        index=_INDICES,
        pareto=np.exp(pareto - best) * step * _PARETO,
        lomax=np.exp(lomax - best).sum(axis=1) * step * _LOMAX_STEP * _LOMAX,
    )


@lru_cache(maxsize=1)
def _densities() -> tuple[Floats, ...]:
    """Log density of the standardised sum at each point of the grid, by tail."""
    from scipy.special import log_ndtr

    result = []
    for tail in _TAILS:
        body = float(np.sqrt(1 - tail**2))
        if tail == 0:
            result.append(-(_LOG_REACH**2) / 2 - np.log(2 * np.pi) / 2)
            continue
        x = _LOG_REACH + tail
        result.append(-np.log(tail) + body**2 / (2 * tail**2) - x / tail + log_ndtr(x / body - body / tail))
    return tuple(result)


def _pareto(logs: Floats) -> Floats:
    """Log likelihood of sizes by index, the least possible size integrated out; shape (indices,)."""
    n, least = len(logs), float(logs.min())
    return np.asarray((n - 1) * np.log(_INDICES) - _INDICES * float((logs - least).sum()) - np.log(n))


def _lomax(logs: Floats, times: Floats) -> Floats:
    """Log likelihood of sizes by index and scale; shape (indices, scales)."""
    middle = float(np.median(np.repeat(logs, times.astype(np.int64))))
    scales = middle + np.arange(-3.0, 5.0, _LOMAX_STEP)
    lead = np.logaddexp(0.0, logs[None, :] - scales[:, None])
    n, total, log_sum = times.sum(), lead @ times, float(logs @ times)
    # density of log sizes: a x / (s (1 + x / s)^(a + 1))
    return np.asarray(
        n * np.log(_INDICES)[:, None] + (log_sum - n * scales)[None, :] - (_INDICES[:, None] + 1) * total[None, :]
    )


def _tail_share(scales: Floats, top: float | None) -> Floats:
    """What the top share of members has, or the Gini index (None), by tail and spread; 1 where the mean is infinite."""
    log_spreads = np.log(_SPREADS)
    return np.stack([np.interp(np.log(scales), log_spreads, row) for row in _share_table(top)])


@lru_cache(maxsize=3)
def _share_table(top: float | None) -> Floats:
    """The same on a fixed grid of spreads; shape (tails, spreads)."""
    result = np.ones((len(_TAILS), len(_SPREADS)))
    for row, tail in enumerate(_TAILS.tolist()):
        finite = np.flatnonzero(_SPREADS * tail < 1)
        above = _survival(_LOG_GRID, 0.0, tail)
        if top is None:
            # Gini = 2 P(a unit is of a larger member than a random one) - 1
            sold = _survival(_LOG_GRID[None, :], _SPREADS[finite, None], tail)
            result[row, finite] = (sold[:, 1:] + sold[:, :-1]) @ -np.diff(above) - 1
        else:
            border = np.interp(np.array([-top]), -above, _LOG_GRID)
            result[row, finite] = _survival(border, _SPREADS[finite], tail)
    return result


def _survival(z: Floats, tilt: Floats | float, tail: float) -> Floats:
    """Chance that the standardised sum exceeds z, each size weighed by exp(tilt z): the share of the amount above."""
    from scipy.special import log_ndtr, ndtr

    body = max(1 - tail**2, 0.0) ** 0.5
    shifted = z - tilt * body**2
    if tail == 0:
        return np.asarray(ndtr(-shifted))
    rate, x = 1 / tail - tilt, shifted + tail
    return np.asarray(ndtr(-x / body) + np.exp(-rate * x + (rate * body) ** 2 / 2 + log_ndtr(x / body - rate * body)))


def _index_shares(index: Floats, top: float | None) -> tuple[Floats, Floats]:
    """The same by index for Pareto's law and for Lomax'."""
    safe, finite = np.maximum(index, 1.0 + 1e-9), index > 1
    if top is None:
        return np.where(finite, 1 / (2 * safe - 1), 1.0), np.where(finite, safe / (2 * safe - 1), 1.0)
    power = top ** (1 - 1 / safe)
    return np.where(finite, power, 1.0), np.where(finite, safe * power - (safe - 1) * top, 1.0)


def _hhi(posterior: _Posterior, weight: Floats, n: int) -> Floats:
    """HHI to be expected of n members under laws picked evenly by their weight; shape (laws,)."""
    picked = (np.arange(_PICKED) + 0.5) / _PICKED * weight.sum()
    laws, times = np.unique(np.searchsorted(np.cumsum(weight), picked), return_counts=True)
    chosen = [_law(posterior, law) for law in laws.tolist()]
    edges = np.linspace(_GRID_FROM, _GRID_TO, _GRID) * max(spread for spread, _ in chosen)
    above = np.stack([survival(edges / spread) for spread, survival in chosen])
    return np.repeat(expected_hhi(edges, above, n), times)


def _law(posterior: _Posterior, at: int) -> tuple[float, Callable[[Floats], Floats]]:
    """Spread of the logarithm of sizes under one law, and the chance that it exceeds so many spreads."""
    if at < posterior.weight.size:
        row, column = divmod(at, len(posterior.scales))
        return float(posterior.scales[column]), lambda z: _survival(z, 0.0, float(_TAILS[row]))
    is_lomax, at = divmod(at - posterior.weight.size, len(_INDICES))
    index = float(_INDICES[at])
    if is_lomax:
        return 1 / index, lambda z: np.exp(-index * np.logaddexp(0.0, z / index))
    return 1 / index, lambda z: np.exp(-np.maximum(z, 0.0))


def _misfit(logs: Floats, posterior: _Posterior) -> bool:
    """Whether the largest distance of the sizes to the likeliest law is beyond chance."""
    ordered, n = np.sort(logs), len(logs)
    standard = (ordered - ordered.mean()) / ordered.std(ddof=1)
    row = int(posterior.weight.sum(axis=1).argmax())
    index = float(_INDICES[int(posterior.lomax.argmax())])
    chance = np.linspace(1e-6, 14, 20_000)
    lomax = np.log(np.expm1(chance / index))
    middle = float(np.interp(np.log(2), chance, lomax))
    below = (
        1 - _survival(standard, 0.0, float(_TAILS[row])),
        1 - np.exp((ordered[0] - ordered) / float(np.mean(ordered - ordered[0]))),
        1 - np.exp(-np.interp(ordered - float(np.median(ordered)) + middle, lomax, chance)),
    )
    gap = min(float(np.abs(curve - (np.arange(n) + 0.5) / n).max()) for curve in below)
    return bool(gap * n**0.5 > _MISFIT)
