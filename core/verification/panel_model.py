"""What a series would have been without a change, predicted from control series.

Each series is scaled by its mean before the change and described as level + weekday + loading x mean of the controls + each
control's deviation from that mean + slope, with errors that are AR(1) around a random-walk level. What of the controls' mean
lasts less than a week has a loading of its own: noise of the controls is there, and would pull a common loading below 1.
Priors: the loading is near 1, the weights of the deviations and the slope are near 0. Autocorrelation, drift and the widths
of the priors are not chosen: they are integrated over a grid, each point weighted by how well it predicts the treated series
before the change, with a prior learnt from how well it predicts each control from the others (empirical Bayes over a panel:
Gelman and Hill 2007, ch. 12). At each grid point everything is conjugate, so that an effect has a Student t distribution
(Zellner 1971, ch. 3); together they are a mixture. The random-walk level is what keeps intervals honest where the gap between
real places drifts (the local level of Brodersen et al. 2015, Annals of Applied Statistics 9).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from core.base.arrays import Floats, Ints
from core.verification.effect_posterior import EffectPosterior

_RHO = (0.0, 0.3, 0.5, 0.7, 0.85)
"""Autocorrelation of neighbouring days. Daily sales after weekdays show 0.3 to 0.7; above 0.85 the drift takes over."""
_DRIFT = (0.0, 0.003, 0.015, 0.06, 0.25)
"""Variance of a day's step of the level, in variances of the error: no drift, up to a level that is new within a week."""
_DEVIATION = (0.05, 0.3, 1.0)
"""Prior sd of the weight of the controls' deviations, all together: from their plain mean to a free regression on them."""
_SLOPE = (0.002, 0.02, 0.1)
"""Prior sd of the trend over the whole past, relative to the level: from no trend to 10 % of it."""
_LOADING = 0.3
"""Prior sd of the loading around 1."""
_ROUGH = (0.05, 0.5)
"""Prior sd of how much more or less a series follows what in the controls' mean lasts less than a week. Noise of the controls is
there: it pulls this part of the loading below 1 (errors in variables), and not the part that a mean of weeks rests on. Where
controls have little noise, both parts have one loading, and short swings say as much of it as long ones."""
_INCIDENT = 1.0
"""Prior sd of the step of an incident, relative to the level: anything up to a total loss."""
_WEEKDAY = 3.0
"""Prior sd of a weekday beyond that of the controls, in sd of the error: hardly shrunk, as it is seen four times or more."""
_FLAT = 1e3
"""Prior sd of the level, in sd of the error: no information."""
_JITTER = 1e-9
"""Added to the diagonal of covariances of variance 1, so that rounding cannot make them indefinite."""
_LEAST_ERROR = 1e-4
"""Sd of the error at least, relative to the level: without any, rounding makes equations with priors in its unit indefinite."""
_NEGLIGIBLE_WEIGHT = 1e-7
"""Grid points of less weight are left out of the mixture."""
GRID = (len(_RHO), len(_DRIFT), len(_DEVIATION), len(_SLOPE), len(_ROUGH))
"""How many values each axis of the grid has."""
_WEEKDAYS = slice(1, 8)
_LOADING_AT = 8
_ROUGH_AT = 9
_DEVIATIONS_FROM = 10
_HALF_WEEK = 3
"""Days to either side of the mean that stands for what lasts: a week, so that weekdays fall out of it."""


@dataclass(frozen=True, kw_only=True)
class ControlPanel:
    """Series of one metric by day; the first one is the treated one."""

    values: Floats
    """shape (series, days)."""
    days: Ints
    """Days since 1970-01-01, ascending; gaps are allowed; shape (days,)."""
    before: int
    """How many of the days lie before the change."""
    exposure: Floats | None = None
    """Denominators of a ratio, shape (series, days): the error of a day shrinks with their root; None for counts and sums."""
    incident: int | None = None
    """Day before the change since which the first series stands at another level: what it is compared with is that level."""

    def rows(self, rows: Sequence[int]) -> "ControlPanel":
        """Some of the series, in this order."""
        picked = list(rows)
        exposure = None if self.exposure is None else self.exposure[picked]
        return ControlPanel(
            values=self.values[picked],
            days=self.days,
            before=self.before,
            exposure=exposure,
            incident=self.incident if picked[:1] == [0] else None,
        )


@dataclass(frozen=True, kw_only=True)
class GridFit:
    """One series under every grid point."""

    evidence: Floats
    """Log marginal likelihood of its days before the change; shape (grid points,)."""
    means: Floats
    """Actual minus predicted for each contrast of the days after it, relative to the level; shape (grid points, contrasts)."""
    sds: Floats
    """Scale of the t distribution of each; same shape."""


class PanelModel:
    """The series of one panel, scaled, and their designs: shared by the treated series and by every placebo."""

    def __init__(self, panel: ControlPanel) -> None:
        self._panel, self._before = panel, panel.before
        past = panel.values[:, : panel.before]
        self.level = np.maximum(np.abs(past).mean(axis=1), 1e-300)
        """Mean of each series before the change, the unit of its effects; shape (series,)."""
        self._scaled = panel.values / self.level[:, None]
        self._elapsed = (panel.days - panel.days[0]).astype(float)
        self._weekdays = ((panel.days[:, None] + 3) % 7 == np.arange(7)) - 1 / 7
        near = np.abs(self._elapsed[:, None] - self._elapsed) <= _HALF_WEEK
        self._smoothing = near / near.sum(axis=1, keepdims=True)
        early = self._elapsed[: panel.before]
        self._trend = (self._elapsed - early.mean()) / max(early[-1], 1.0)

    def fits(self, contrasts: Floats, series: Sequence[int], controls: Sequence[Sequence[int]]) -> list[GridFit]:
        """Each series predicted from its controls, of which all have as many, under every point of the grid.

        `contrasts` says what is asked of the days after the change: shape (days after, contrasts), each column a weighted mean.
        """
        regressions = _Regressions(self, series, controls, contrasts)
        gap = np.abs(self._elapsed[:, None] - self._elapsed)
        walk = np.minimum(self._elapsed[:, None], self._elapsed)
        scales = None if self._panel.exposure is None else np.array([self._error_scale(row) for row in series])
        for rho, drift in product(_RHO, _DRIFT):
            covariance = rho**gap + drift * walk
            if scales is not None:
                covariance = covariance * scales[:, :, None] * scales[:, None, :]
            regressions.add(_Errors(covariance, self._before, contrasts))
        return regressions.fits()

    def _error_scale(self, row: int) -> Floats:
        """How much larger than usual the error of each day is, by its denominator; shape (days,)."""
        exposure = self._panel.exposure
        if exposure is None:
            return np.ones(len(self._elapsed))
        usual = exposure[row, : self._before].mean()
        return np.asarray(np.sqrt(usual / np.maximum(exposure[row], 1e-9 * usual)))

    def design(self, row: int, controls: Sequence[int]) -> Floats:
        """Regressors: level, weekdays, mean of the controls, what of it lasts less than a week, the controls' deviations from it,
        trend, and for the first series of a panel with an incident its step; shape (days, 11 or 12 + controls)."""
        others = self._scaled[list(controls)]
        mean = others.mean(axis=0)
        rough = mean - self._smoothing @ mean
        columns = [np.ones(len(mean)), self._weekdays, mean - 1, rough, (others - mean).T, self._trend]
        if row == 0 and self._panel.incident is not None:
            columns.append((self._panel.days >= self._panel.incident).astype(float))
        return np.column_stack(columns)

    def scaled(self, row: int) -> Floats:
        """A series relative to its level; shape (days,)."""
        return np.asarray(self._scaled[row])

    @property
    def before(self) -> int:
        """Days before the change."""
        return self._before


class _Errors:
    """The errors of one grid point, alike for all series (no leading axis) or one for each (series, ...): what takes their
    correlation away before the change, and what they foretell of the contrasts."""

    def __init__(self, covariance: Floats, before: int, contrasts: Floats) -> None:
        past = covariance[..., :before, :before] + _JITTER * np.eye(before)
        factor = np.linalg.cholesky(past)
        self.log_determinant = 2 * np.log(np.diagonal(factor, axis1=-2, axis2=-1)).sum(axis=-1)
        self.whitening = np.linalg.inv(factor)
        """Takes the correlation out of columns over the days before the change; shape (..., days before, days before)."""
        self.carried = self.whitening @ (covariance[..., :before, before:] @ contrasts)
        """Whitened covariance of the past with each contrast; shape (..., days before, contrasts)."""
        own = np.einsum("dc,...de,ec->...c", contrasts, covariance[..., before:, before:], contrasts)
        self.left = own - (self.carried**2).sum(axis=-2)
        """Variance of each contrast that the past does not foretell; shape (..., contrasts)."""


class _Regressions:
    """The conjugate regressions of series on as many controls each, over the grid: one system of equations a series and choice
    of priors, all solved together."""

    def __init__(
        self, model: PanelModel, series: Sequence[int], controls: Sequence[Sequence[int]], contrasts: Floats
    ) -> None:
        before = model.before
        designs = np.array([model.design(row, chosen) for row, chosen in zip(series, controls, strict=True)])
        prior = np.zeros(designs.shape[2])
        prior[_LOADING_AT] = 1.0
        targets = np.array([model.scaled(row) for row in series]) - designs @ prior
        self._past = np.concatenate([designs[:, :before], targets[:, :before, None]], axis=2)
        self._after = contrasts.T @ designs[:, before:]
        self._surplus = targets[:, before:] @ contrasts
        self._variances = np.array(
            [_prior_variances(_error_sd(past), len(controls[0]), designs.shape[2]) for past in self._past]
        )
        self._evidence: list[Floats] = []
        self._means: list[Floats] = []
        self._sds: list[Floats] = []

    def add(self, errors: _Errors) -> None:
        """Takes in one pair of autocorrelation and drift, under every choice of priors."""
        white = errors.whitening @ self._past
        columns, target = white[:, :, :-1], white[:, :, -1]
        across = columns.transpose(0, 2, 1)
        shift = (across @ target[:, :, None])[:, :, 0]
        foretold = errors.carried.swapaxes(-1, -2)
        reach = self._after - foretold @ columns
        precision = (across @ columns)[:, None] + (1 / self._variances)[..., None] * np.eye(len(across[0]))
        sides = np.concatenate([shift[:, :, None], reach.transpose(0, 2, 1)], axis=2)[:, None]
        solved = np.linalg.solve(precision, np.broadcast_to(sides, (*precision.shape[:3], sides.shape[3])))
        weights, spread = solved[..., 0], solved[..., 1:]
        days = target.shape[1]
        squares = (target**2).sum(axis=1)[:, None] - (weights @ shift[:, :, None])[..., 0]
        squares = np.maximum(squares, days * _LEAST_ERROR**2)
        log_determinant = np.linalg.slogdet(precision)[1] + np.log(self._variances).sum(axis=2)
        own = np.reshape(errors.log_determinant, (-1, 1))
        self._evidence.append(-0.5 * (own + log_determinant + days * np.log(squares)))
        carried = (foretold @ target[:, :, None])[:, None, :, 0]
        self._means.append(self._surplus[:, None] - weights @ reach.transpose(0, 2, 1) - carried)
        left = errors.left.reshape(-1, 1, reach.shape[1])
        variance = left + np.einsum("scp,sgpc->sgc", reach, spread)
        self._sds.append(np.sqrt(np.maximum(variance, 0) * (squares / days)[..., None]))

    def fits(self) -> list[GridFit]:
        """Everything that was taken in, for each series."""
        parts = (np.concatenate(part, axis=1) for part in (self._evidence, self._means, self._sds))
        return [GridFit(evidence=evidence, means=means, sds=sds) for evidence, means, sds in zip(*parts, strict=True)]


def _error_sd(past: Floats) -> float:
    """A first guess at the error's sd, the unit in which conjugate priors are given: what level and weekdays leave over."""
    columns, target = past[:, :_LOADING_AT], past[:, -1]
    left = target - columns @ np.linalg.lstsq(columns, target, rcond=None)[0]
    return max(float(left.std()), _LEAST_ERROR)


def _prior_variances(error_sd: float, controls: int, columns: int) -> Floats:
    """Prior variances of the weights in variances of the error, for every choice of priors; shape (choices, columns)."""
    choices = list(product(_DEVIATION, _SLOPE, _ROUGH))
    trend = _DEVIATIONS_FROM + controls
    variances = np.full((len(choices), columns), (_INCIDENT / error_sd) ** 2)
    variances[:, 0] = _FLAT**2
    variances[:, _WEEKDAYS] = _WEEKDAY**2
    variances[:, _LOADING_AT] = (_LOADING / error_sd) ** 2
    variances[:, _ROUGH_AT] = [(sd / error_sd) ** 2 for *_, sd in choices]
    variances[:, _DEVIATIONS_FROM:trend] = np.array([[(sd / error_sd) ** 2 / controls] for sd, *_ in choices])
    variances[:, trend] = [(sd / error_sd) ** 2 for _, sd, _ in choices]
    return variances


def posteriors(fit: GridFit, prior: Floats, freedom: int) -> list[EffectPosterior]:
    """The distribution of each contrast, its grid points weighted by their evidence and log `prior` (shape (grid points,))."""
    evidence = fit.evidence + prior
    weights = np.exp(evidence - evidence.max())
    weights /= weights.sum()
    rows = weights > _NEGLIGIBLE_WEIGHT
    weights = weights[rows] / weights[rows].sum()
    return [
        EffectPosterior(weights=weights, means=means, sds=np.maximum(sds, 1e-12), freedom=float(freedom))
        for means, sds in zip(fit.means[rows].T, fit.sds[rows].T, strict=True)
    ]
