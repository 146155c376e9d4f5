"""Whether the newest weeks of many series differ from the weeks before by more than the weeks usually differ.

How weeks go together is learnt from all series of a family. The step of the newest weeks is estimated by generalised least
squares; its variance leans to that of the family (Smyth, Stat. Appl. Genet. Mol. Biol. 2004), and is never below what counting
alone brings.
"""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.ecosystem.changes.serial_correlation import LEANING, count_scatter, covariance

RECENT = (2, 3, 4)
"""Weeks that are tried as new: two show a break within a fortnight, four show a smaller one."""
OF_RATES = (1, *RECENT)
"""The same for small counts of a rate: what becomes of orders is known late, so a break of a fortnight ago shows in one week.

Of ten categories whose goods were bad for two to four weeks, three were marked without the single week, and five with it."""
LEAST_HISTORY = 4
"""Weeks before the newest four without which nothing is tested."""
LEAST_OF_RATES = 2
"""The same for rates, whose counts tell how much they scatter: eight weeks of data leave six of days that are old enough."""
_MOST_PRIOR = 30.0
"""Degrees of freedom that the family may lend at most."""
_OWN_VARIANCE = 1e-8
_QUIETEST = 0.01
"""Chance of a variance below which one tells nothing of how variances of a family differ: shares that a rule keeps equal took the
family's freedom from all others."""
_LEAST_COUNT = 8.0
_OF_MEMBERS = 20.0
"""Weeks that tell as much of how a figure of all members scatters as the moves of its members do.

Of 2,400 made-up marketplaces of 12 and 16 weeks with heavy tails, of whose members a third differ by chance alone, a third have
weeks that correlate by 0.7 and a third drift, 0.14 % of the Gini indices, HHIs and shares of the top tenth have a chance below
0.001, and intervals of the step cover 92 to 97 % (by the weeks of the figures alone 0.39 %, and 88 to 97 %). Of 1,200 whose five
largest members grow fourfold, 69 to 100 % have one below 0.0001 (57 to 100 %); least an HHI after 12 weeks."""
_COVERED = 0.975


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """How much a series of its kind is taken to scatter before its own weeks are seen."""

    variance: float
    """Half that of the difference of two weeks that follow each other, beyond what counting brings."""
    weeks: float
    """Weeks of the series itself that tell as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """One element a series; shape (series,)."""

    step: Floats
    """Of the newest weeks that stand out most, on the scale of the series."""
    error: Floats
    """Standard error."""
    freedom: Floats
    p_value: Floats
    """Two-sided, all lengths counted (Bonferroni)."""
    onset: Ints
    """Weeks back to the first of the new level: 1 = the newest week."""
    tried: int = len(RECENT)
    """Numbers of weeks that were tried as new."""
    level: Floats
    """Mean of the weeks before, weighed by how they go together."""
    few: Floats | float = 0.0
    """Variance of the step beyond `error`, because the newest weeks have fewer cases than those before."""

    def half(self) -> Floats:
        """Half of the 95 % interval of the step, all lengths counted as in the chance: the one that stands out most is shown, and
        the interval of a single length covered 79 to 92 % where nothing had changed. It has no change in it where chance does."""
        from scipy.special import stdtrit

        quantile = stdtrit(self.freedom, 1 - (1 - _COVERED) / self.tried)
        usual, size = quantile * self.error, np.abs(self.step)
        half = quantile * np.hypot(self.error, np.sqrt(self.few))
        return np.asarray(np.where(size > usual, np.minimum(half, size), half))


def steps(
    series: Floats,
    counting: Floats,
    thin: Floats | None = None,
    usual: Usual | None = None,
    scatter: Floats | None = None,
    cases: Floats | None = None,
    of_members: Floats | None = None,
) -> Steps:
    """The steps of series of shape (series, weeks), newest week first. Needs the newest four weeks and `LEAST_HISTORY` before.

    `counting`: the variance of one week's value that counting alone brings, shape (series,). `thin`: times the usual variance
    that the newest weeks have, for each number of them, shape (3, series). `usual`: what a series without a family leans to.
    `scatter`: how much each series is taken to scatter beyond counting, up to a factor of the family; None = all alike.
    `cases`: how many cases each week's value is the logarithm of, shape (series, weeks); None = of none. `of_members`: the
    variance of each step that members bring who move independently, shape (3, series); None = not known.
    """
    from scipy.special import stdtr

    tried = [_step(series, weeks, counting, usual, scatter) for weeks in RECENT]
    step, error, freedom, level = (np.stack(items) for items in zip(*tried, strict=True))
    error *= 1.0 if thin is None else np.sqrt(thin)
    if of_members is not None:
        error = np.sqrt((freedom * error**2 + _OF_MEMBERS * of_members) / (freedom + _OF_MEMBERS))
        freedom = freedom + _OF_MEMBERS
    chance = 2 * stdtr(freedom, -np.abs(step) / error)
    best, at = chance.argmin(axis=0), np.arange(len(series))
    return Steps(
        step=step[best, at],
        error=error[best, at],
        freedom=freedom[best, at],
        p_value=np.minimum(chance[best, at] * len(RECENT), 1.0),
        onset=_onset(series),
        level=level[best, at],
        few=0.0 if cases is None else _few(step[best, at], cases.cumsum(axis=1)[at, np.array(RECENT)[best] - 1]),
    )


def _few(step: Floats, cases: Floats) -> Floats:
    """Variance of a step that its newest cases bring beyond that of as many as there were before: of a segment that has none left
    it is unknown whether it fell to a thousandth or to nothing.

    Of 150 falls from 1,000 cases a week to 3, among eight series that scatter by 10 %, intervals covered 39 % without it and 93 %
    with it; of falls to 100, where they scatter by 2 %, 75 and 96 %.
    """
    return np.asarray(np.maximum(-np.expm1(step), 0.0) / (cases + 0.5))


def _step(
    series: Floats, weeks: int, counting: Floats, usual: Usual | None, scatter: Floats | None
) -> tuple[Floats, Floats, Floats, Floats]:
    """The step of so many newest weeks against all before, its standard error and degrees of freedom, and the level before.

    The week just before tells most where levels drift, and of nine weeks none can be spared: without those between the new ones
    and the fifth, a fall by half that ends a rise of 4 % a week had a chance below 0.002 in 62 %, and in 91 % with them; of eight
    series of nine weeks, one that fell by 45 % in 81 %, and in 93 % where they tell how weeks scatter too.
    """
    history = series[:, weeks:]
    together = covariance(history, series.shape[1])
    weight = np.linalg.inv(together[weeks:, weeks:])
    level = history @ weight.sum(axis=1) / weight.sum()
    residual = history - level[:, None]
    own = history.shape[1] - 1
    variance = np.einsum("gi,ij,gj->g", residual, weight, residual) / own
    variance, freedom = _moderated(variance, float(own), counting, usual, scatter)
    contrast = step_contrast(together, weeks)
    return series @ contrast, np.sqrt(variance * (contrast @ together @ contrast)), freedom, level


def step_contrast(together: Floats, length: int) -> Floats:
    """How much each week counts in the step of so many newest ones, newest first, by generalised least squares; shape (weeks,).

    New weeks add up to 1, all before to -1. `together`: the covariance of weeks.
    """
    design = np.stack([np.ones(len(together)), (np.arange(len(together)) < length).astype(np.float64)], axis=1)
    weight = np.linalg.inv(together)
    return np.asarray((weight @ design @ np.linalg.inv(design.T @ weight @ design))[:, 1])


def count_steps(
    amount: Floats, expected: Floats, others: Floats | None = None, lengths: tuple[int, ...] = RECENT
) -> Steps:
    """The steps of small counts against what would be expected up to a factor; shape (series, weeks), newest week first.

    `lengths`: numbers of weeks that are tried as new. `others`: the counts that tell what would be expected, by chance more or
    fewer themselves: a step stands out by as many errors as one of both together does.

    The newest weeks' part of all cases is binomial when the factor is the same. Its signed root deviance, divided by how much
    as many weeks of all series scatter beyond Poisson, follows Student's law (McCullagh and Nelder, Generalized Linear Models,
    1989, 4.5).
    """
    from scipy.special import stdtr, stdtrit

    freedoms = np.array([len(amount) * (amount.shape[1] - weeks - 1) + LEANING for weeks in lengths])
    scatter, levels = zip(*(_scatter(amount, expected, weeks) for weeks in lengths), strict=True)
    tried = [_deviance(amount, expected, weeks) for weeks in lengths]
    step, own = np.stack([step for _, step, _ in tried]), np.stack([error for _, _, error in tried])
    error = own if others is None else np.hypot(own, np.stack([_error(others, weeks) for weeks in lengths]))
    error = error * np.sqrt(scatter)[:, None]
    roots = np.stack([root for root, _, _ in tried]) * own / error
    chance = 2 * stdtr(freedoms[:, None], -roots)
    best, at = chance.argmin(axis=0), np.arange(len(amount))
    root, step, error, freedom = roots[best, at], step[best, at], error[best, at], freedoms[best]
    # of few cases, or none, the error is too large: beyond chance, its interval ends before no change
    beyond = stdtrit(freedom, 1 - (1 - _COVERED) / len(lengths))
    error = np.where(root > beyond, np.minimum(error, np.abs(step) / beyond), error)
    return Steps(
        step=step,
        error=error,
        freedom=freedom,
        p_value=np.minimum(chance[best, at] * len(lengths), 1.0),
        tried=len(lengths),
        onset=_onset((amount + 0.5) / (expected + 0.5 * expected.mean(axis=1, keepdims=True) / (amount.mean() + 1))),
        level=np.stack(levels)[best, at],
    )


def _scatter(amount: Floats, expected: Floats, weeks: int) -> tuple[float, Floats]:
    """How many times Poisson's variance so many newest weeks have, by those before, and the logarithm of the factor of these."""
    cases, due = amount[:, weeks:], expected[:, weeks:]
    factor = cases.sum(axis=1) / np.maximum(due.sum(axis=1), 1e-12)
    mean = np.maximum(due * factor[:, None], 1e-6)
    residual = (cases - mean) / np.sqrt(np.maximum(mean, 0.5))
    return float(count_scatter(residual, (weeks,), amount.shape[1])[0]), np.log(np.maximum(factor, 1e-12))


def _deviance(amount: Floats, expected: Floats, weeks: int) -> tuple[Floats, Floats, Floats]:
    """Root deviance, logarithm of the factor, and its standard error where counts are Poisson's."""
    new, old = amount[:, :weeks].sum(axis=1), amount[:, weeks:].sum(axis=1)
    share = expected[:, :weeks].sum(axis=1) / np.maximum(expected.sum(axis=1), 1e-12)
    usual = np.maximum((new + old) * share, 1e-9), np.maximum((new + old) * (1 - share), 1e-9)
    parts = (
        np.where(item > 0, item * np.log(np.maximum(item, 1e-12) / mean), 0.0)
        for item, mean in zip((new, old), usual, strict=True)
    )
    root = np.sqrt(np.maximum(2 * sum(parts), 0.0))
    step = np.log((new + 0.5) / (usual[0] + 0.5) * (usual[1] + 0.5) / (old + 0.5))
    return root, step, _error(amount, weeks)


def _error(amount: Floats, weeks: int) -> Floats:
    """Standard error of the logarithm of the newest weeks' counts over those before, where they are Poisson's."""
    new, old = amount[:, :weeks].sum(axis=1), amount[:, weeks:].sum(axis=1)
    return np.asarray(np.sqrt(1 / (new + 0.5) + 1 / (old + 0.5)))


def _moderated(
    variance: Floats, freedom: float, counting: Floats, kind: Usual | None = None, scatter: Floats | None = None
) -> tuple[Floats, Floats]:
    """Variances that lean to counting plus what the median series has above it, or to what is usual where there is no family,
    and their degrees of freedom."""
    from scipy.special import chdtri, polygamma, psi

    floor = np.maximum(counting, _OWN_VARIANCE)
    beyond = np.ones_like(floor) if scatter is None else scatter
    usual = floor + beyond * max(float(np.median((variance - floor) / beyond)), 0.0)
    prior = 0.0
    if len(variance) >= LEAST_HISTORY:
        least = usual * float(chdtri(freedom, 1 - _QUIETEST)) / freedom
        logs = np.log(np.maximum(variance, least) / usual) - psi(freedom / 2) + np.log(freedom / 2)
        usual = usual * float(np.exp(logs.mean()))
        excess = float(logs.var(ddof=1)) - float(polygamma(1, freedom / 2))
        prior = _MOST_PRIOR if excess <= 0 else min(2 * _inverse_trigamma(excess), _MOST_PRIOR)
    elif kind is not None:
        usual, prior = floor + kind.variance, kind.weeks
    leaning = (prior * usual + freedom * variance) / (prior + freedom)
    return np.maximum(leaning, floor), np.full(len(variance), prior + freedom)


def _inverse_trigamma(value: float) -> float:
    """x with trigamma(x) = value, by Newton's steps on 1 / trigamma (Smyth 2004, appendix)."""
    from scipy.special import polygamma

    x = 0.5 + 1 / value
    for _ in range(20):
        slope = float(polygamma(1, x))
        x += slope * (1 - slope / value) / float(polygamma(2, x))
    return x


def _onset(series: Floats) -> Ints:
    """Weeks back to where a single step fits best, among the newest half of the weeks."""
    weeks = series.shape[1]
    fits = []
    for cut in range(1, weeks // 2 + 1):
        new, old = series[:, :cut], series[:, cut:]
        fits.append(new.var(axis=1) * cut + old.var(axis=1) * (weeks - cut))
    onset: Ints = np.stack(fits).argmin(axis=0) + 1
    return onset


def countable(expected: Floats, impressions: Floats) -> Flags:
    """Whether counts are large enough for the scale of logarithms: expected or seen in the newest weeks."""
    enough: Flags = np.maximum(expected, impressions) >= _LEAST_COUNT
    return enough
