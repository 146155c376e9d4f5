"""Learns the noise of a table from the table itself.

Scales are medians within bins of the size, read off histograms, so that the leaves of a cause do not widen them; when the far
deviations are mostly on one side, only the other side is asked (the generalised ripple effect lets a cause move its leaves one
way: Li et al., ISSRE 2019; RiskLoc, Kalander 2022, cuts on one side for the same reason).
"""

from dataclasses import replace
from math import erf, log, pi

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Floats
from core.localization.single_table.leaf_noise import OF_LARGER, LeafNoise, Size, size_of
from core.localization.single_table.leaf_table import quantile

_SIZES: tuple[Size, ...] = ("larger", "middle", "forecast", "value")
_TAILS = (3.0, 5.0, 8.0, 15.0, 40.0, 1000.0)
_MIXES = np.linspace(0, 1, 21)
_TAIL_OF_RATES = 12.0
_BINS = 12
_LEVELS = 400
_QUANTILE, _ITS_SCORE = 0.6, 0.8416
"""The quantile of |score| that scales are read at, and its value for a standard Gaussian."""
_WIDER = (1.0, 1.03)
"""What scales are tried with: a quantile of 2,500 leaves errs by some hundredths."""
_HALF_LOST = 0.5
"""Deviations at the quantile up to which the noise of either figure can be told from that of the larger."""
_SAMPLE, _OF_MANY = 2_500, 20
"""Leaves that are enough to learn from, or this part of all."""
_SORTED = 4
"""For each of these, leaves that are worth sorting to choose them from."""
_ENOUGH = 8
_OF_LOG_VARIANCE = 3.0
"""Variance of the log variance that one leaf gives."""
_MIXED = 6.0
"""By how much (chi-square) a mixture of both laws must fit better than one of them."""
_FAR = 25.0
"""Square of the standard scores from which on leaves say nothing of the law of noise."""
_BEYOND = 16.0
"""Square of the standard scores that are beyond chance."""
_SOME_NOTHING = 0.1
"""Part of leaves with nothing on one side from which on quantiles say nothing and the law of counts is read off the squares."""


def fit(value: Floats, mean: Floats, grain: float) -> LeafNoise:
    """The noise of leaves that are mostly ordinary: the measure of size under which they are most likely.

    `larger` is preferred unless another one is clearly better, since it is alike in both directions.
    """
    usable = np.flatnonzero((mean >= 0) & (value >= 0) & (mean + value > 0))
    enough = max(_SAMPLE, len(usable) // _OF_MANY)
    if len(usable) > enough:
        # evenly among leaves in the order of their figures, so that the order of the rows hardly matters
        usable = usable[:: max(1, len(usable) // (_SORTED * enough))]
        ordered = usable[np.argsort(mean[usable] + np.pi * value[usable])]
        usable = ordered[np.linspace(0, len(ordered) - 1, enough).astype(np.int64)]
    usable = usable[_within_reach(value[usable], mean[usable], grain)]
    value, mean = value[usable], mean[usable]
    if len(value) < _ENOUGH:
        return LeafNoise(0.0, 0.01, "middle", 8.0, grain)
    chosen = _fit(value, mean, _SIZES[0], grain)
    deviations, precisions = chosen.deviation(value, mean)
    near = (deviations**2 * precisions < _FAR) & (value > 0) & (mean > 0)
    inside, expected = value[near], mean[near]
    best = _likelihood(chosen, inside, expected) + 5 + 0.002 * len(inside)
    for measured in _SIZES[1:]:
        other = _fit(value, mean, measured, grain)
        likelihood = _likelihood(other, inside, expected)
        if likelihood > best:
            best, chosen = likelihood, other
    return _of_either(chosen, value, mean) if chosen.measured == "larger" else chosen


def _of_either(larger: LeafNoise, value: Floats, mean: Floats) -> LeafNoise:
    """The noise as that of either figure, unless leaves are clearly less likely so.

    A relative error e of one figure gives the deviation |e| where it made that figure the smaller one and e / (1 + e) where it
    made it the larger one, measured by the larger: near 0 leaves are closer together than far out.
    """
    score = _ITS_SCORE * larger.spread**0.5
    if not 0 < score < _HALF_LOST:
        return larger
    width = _width_of_either(score, larger.spread**0.5)
    deviations, precisions = larger.deviation(value, mean)
    near = np.abs(deviations[(deviations**2 * precisions < _FAR) & (value > 0) & (mean > 0)])
    smaller = near / (1 - near)
    mixed = (np.exp(-0.5 * (near / width) ** 2) + np.exp(-0.5 * (smaller / width) ** 2) / (1 - near) ** 2) / 2
    plain = larger.log_density(near**2 / larger.spread) + larger.constant - 0.5 * log(larger.spread)
    if (np.log(mixed) - 0.5 * log(2 * pi) - log(width)).sum() < plain.sum() - _MIXED / 2:
        return larger
    either = replace(larger, measured="either", spread=width**2)
    deviations, precisions = either.deviation(value, mean)
    scores = deviations * np.sqrt(precisions)
    return _with_tail(either, scores[_calm_side(scores)])


def _width_of_either(score: float, larger: float) -> float:
    """The width of the relative error of which `_QUANTILE` of the deviations lie within `score`, measured by the larger figure;
    where all errors made a figure smaller it would be `larger`."""
    low, high = larger, 2 * larger
    while high > 1.0001 * low:
        middle = (low + high) / 2
        inside = (erf(score / middle / 2**0.5) + erf(score / (1 - score) / middle / 2**0.5)) / 2
        low, high = (middle, high) if inside > _QUANTILE else (low, middle)
    return high


def _within_reach(value: Floats, mean: Floats, grain: float) -> NDArray[np.bool_]:
    """Without the leaves that vanished or are new: their one figure is far beyond the noise of leaves that have both, and
    beyond chance if it counts events of the smallest figure in the table."""
    both = (value > 0) & (mean > 0)
    if both.sum() < _ENOUGH or both.mean() > 1 - _SOME_NOTHING:
        return np.ones(len(value), bool)
    noise = _fit(value[both], mean[both], _SIZES[0], grain)
    figure = value + mean
    variance = np.maximum(noise.variance(value, mean, figure), figure.min() * figure)
    return np.asarray(both | (figure**2 < _BEYOND * variance))


def fit_rates(value: Floats, mean: Floats, grain: float) -> LeafNoise:
    """The noise of counts of rare events against a rate that was itself counted: about Poisson on either side, and rates of
    leaves that differ by some tenths. Priors of that width decide where few leaves cannot."""
    counts, spreads = np.array([1.0, 1.5, 2.0, 3.0])[:, None], np.array([0.003, 0.01, 0.03, 0.1])
    cost = (np.log(counts / 1.5) / 0.35) ** 2 + np.log(spreads / 0.02) ** 2
    telling = value + mean >= 2
    size = size_of("middle", value[telling], mean[telling])
    gap = value[telling] - mean[telling]
    calm = _calm_side(gap / np.sqrt(1.5 * size + 0.02 * size**2))
    size, squares = size[calm], gap[calm] ** 2
    size_class = np.searchsorted((5.0, 20.0, 100.0), size)
    for k in range(4):
        here = size_class == k
        if here.any():
            centre = quantile(size[here], 0.5)
            spread = max(quantile(squares[here], 0.5) / 0.455, 1e-3 * centre)
            cost = cost + np.log(spread / (counts * centre + spreads * centre**2)) ** 2 * here.sum() / 2.7
    row, column = np.unravel_index(int(np.argmin(cost)), cost.shape)
    return LeafNoise(float(counts[row, 0]), float(spreads[column]), "deviance", _TAIL_OF_RATES, grain)


def _likelihood(noise: LeafNoise, value: Floats, mean: Floats) -> float:
    deviations, precisions = noise.deviation(value, mean)
    density = noise.log_density(deviations**2 * precisions) + noise.stretch(value, mean)
    return float(density.sum()) + noise.constant * len(value)


def _calm_side(scores: Floats) -> NDArray[np.bool_]:
    """The scores that are to be learnt from: all, or those of the side without the anomalies."""
    far = np.clip(np.abs(scores) - 3.5, 0, 20)
    below = scores < 0
    low, high = far[below].sum(), far[~below].sum()
    if max(low, high) <= 3 * min(low, high) + 10:
        return np.ones(len(scores), bool)
    return ~below if low > high else below | (scores == 0)


def _narrow_side(scores: Floats) -> NDArray[np.bool_]:
    """The side whose scores are clearly narrower, else all: a cause may own more than half of a side."""
    below = scores < 0
    sides = [np.abs(scores[below]), np.abs(scores[~below])]
    if min(len(side) for side in sides) < 2 * _ENOUGH:
        return np.ones(len(scores), bool)
    low, high = (quantile(side, _QUANTILE) for side in sides)
    clearly = 1.2 + 3 / np.sqrt(min(len(side) for side in sides))
    if max(low, high) <= clearly * min(low, high):
        return np.ones(len(scores), bool)
    return below if low < high else ~below


def _fit(value: Floats, mean: Floats, measured: Size, grain: float) -> LeafNoise:
    size, gap = size_of(measured, value, mean), value - mean
    logs = np.log(size)
    nothing = (value == 0) | (mean == 0)
    grid = _Histogram(logs, gap, size, nothing)
    rare = nothing.mean() > _SOME_NOTHING  # what is rare is lopsided without any cause
    calm = np.ones(len(gap), bool)
    noise = LeafNoise(0.0, 1e-8, measured, 1000.0, grain)
    for turn in range(2):
        centres, scales, weights = grid.scales(calm)
        if not len(centres):
            return noise
        noise = replace(_curve(centres, scales, weights, measured), grain=grain)
        scores = gap / np.sqrt(noise.variance(value, mean, size))
        if not rare:
            calm = _calm_side(scores) if turn else _narrow_side(scores) & _calm_side(scores)
    return _with_tail(noise, scores[calm])


def _with_tail(noise: LeafNoise, scores: Floats) -> LeafNoise:
    """The noise with the most likely tail, and a little wider if that is likelier: a scale that is read too narrow by chance
    looks like a heavy tail. Where noise is alike on both sides, the lighter tail counts: the causes are on the other side."""
    below = scores < 0
    sides = [below, ~below] if noise.measured in OF_LARGER else [np.ones(len(scores), bool)]
    return max((_likeliest_tail(noise, scores[side]) for side in sides if side.any()), key=lambda fitted: fitted.tail)


def _likeliest_tail(noise: LeafNoise, scores: Floats) -> LeafNoise:
    squares, number = np.minimum(scores**2, 49.0), len(scores)
    likelihoods = {
        (tail, wider): number * (fitted.constant - log(wider)) + float(fitted.log_density(squares / wider**2).sum())
        for tail in _TAILS
        for wider in _WIDER
        for fitted in [replace(noise, tail=tail)]
    }
    tail, wider = max(likelihoods, key=lambda candidate: likelihoods[candidate])
    return replace(noise, tail=tail, counts=noise.counts * wider**2, spread=noise.spread * wider**2)


def _curve(centres: Floats, scales: Floats, weights: Floats, measured: Size) -> LeafNoise:
    """Least squares of log variance over the mixtures of both laws. Counts are measured by the middle alone, where halved
    squared scores are close to their deviance, however few they are."""
    middle = np.exp(np.log(centres).mean())
    u = centres / middle
    mixes = _MIXES if measured == "middle" else _MIXES[-1:]
    shape = np.log(u * ((1 - mixes[:, None]) + mixes[:, None] * u))
    remainder = 2 * np.log(scales) - shape
    height = remainder @ weights / weights.sum()
    cost = (remainder - height[:, None]) ** 2 @ weights / _OF_LOG_VARIANCE
    pure = cost[0] if cost[0] < cost[-1] else cost[-1]
    best = int(np.argmin(np.where((mixes > 0) & (mixes < 1), cost + _MIXED, cost) if pure > cost.min() else cost))
    at_middle, mix = float(np.exp(height[best])), float(mixes[best])
    return LeafNoise(at_middle * (1 - mix) / middle, at_middle * mix / middle**2, measured, 1000.0)


class _Histogram:
    """Leaves by size (bins of equal count) and by |gap| / size^(3/4), half way between both laws, on a log scale: quantiles
    of any part of the leaves without sorting."""

    def __init__(self, logs: Floats, gap: Floats, size: Floats, nothing: NDArray[np.bool_]) -> None:
        self.gap, self.size, self.nothing = gap, size, nothing
        bins = int(np.clip(len(gap) // 60, 1, _BINS))
        low, high = float(logs.min()), float(logs.max())
        fine = ((logs - low) * (1023 / max(high - low, 1e-9))).astype(np.int64)
        share = np.cumsum(np.bincount(fine, minlength=1024)) / len(logs)
        self.bins = bins
        self.place = np.minimum((share * bins).astype(np.int64), bins - 1)[fine]
        self.logs = logs
        with np.errstate(divide="ignore"):
            self.spread = np.log(np.abs(gap)) - 0.75 * logs
        finite = self.spread[np.isfinite(self.spread)]
        self.low, self.high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
        self.width = max(self.high - self.low, 1e-9) / (_LEVELS - 2)
        level = np.clip((self.spread - self.low) / self.width, -1, _LEVELS - 2) + 1
        self.cell = self.place * _LEVELS + level.astype(np.int64)

    def scales(self, calm: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
        """Of each bin with enough leaves: its middle size, the scale of its gaps, its number of leaves."""
        counted = np.bincount(self.cell[calm], minlength=self.bins * _LEVELS).reshape(self.bins, _LEVELS).astype(float)
        number = counted.sum(1)
        middle = np.exp(np.bincount(self.place[calm], self.logs[calm], minlength=self.bins) / np.maximum(number, 1))
        share = np.cumsum(counted, axis=1) / np.maximum(number, 1)[:, None]
        level = np.argmax(share >= _QUANTILE, axis=1)
        rows = np.arange(self.bins)
        before = np.where(level > 0, share[rows, level - 1], 0.0)
        part = (_QUANTILE - before) / np.maximum(share[rows, level] - before, 1e-12)
        good = (number >= 6) & (level > 0)
        scale = np.exp(self.low + (level - 1 + part)[good] * self.width) / _ITS_SCORE
        scale *= middle[good] ** 0.75
        bare = (
            np.bincount(self.place[calm], self.nothing[calm], minlength=self.bins)[good] > _SOME_NOTHING * number[good]
        )
        if bare.any():
            # in all such bins together, for a size of little depends on what came
            squares, sizes = (
                np.bincount(self.place[calm], size[calm], minlength=self.bins)[good][bare].sum()
                for size in (self.gap**2, self.size)
            )
            scale[bare] = np.sqrt(squares / sizes * middle[good][bare])
        return middle[good], scale, number[good]


def grain_of(*columns: Floats) -> float:
    """Variance of the difference of two figures that were rounded to the decimals in which all of these are written."""
    for decimals in range(7):
        if all(_written_in(column[:_SAMPLE], decimals) and _written_in(column, decimals) for column in columns):
            return float(10.0 ** (-2 * decimals)) / 6
    return 0.0


def _written_in(column: Floats, decimals: int) -> bool:
    scaled = column * 10**decimals
    return bool((np.abs(scaled - np.round(scaled)) < 1e-6 * np.maximum(1, np.abs(scaled) * 1e-6)).all())
