"""The effect on a treated series: contaminated controls dropped, intervals calibrated by placebos.

A placebo takes each control in turn as if it had been treated on the same day, predicted from the other controls. A control
that moved more than chance allows is contaminated: something happened to it as well, so it cannot say what would have been.
The others' placebo effects, where the truth is 0, and those of all series on earlier dates correct the width (placebo inference
of Abadie, Diamond and Hainmueller 2010, JASA 105, used for scale instead of ranks, as few controls give few ranks).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtrit
from threadpoolctl import threadpool_limits

from core.base.arrays import Floats
from core.verification.effect_posterior import LEVEL, EffectPosterior
from core.verification.grid_prior import grid_prior
from core.verification.panel_model import ControlPanel, GridFit, PanelModel, posteriors

_CONTAMINATED = 0.001
"""Chance, over all controls, that an untouched one is dropped: one panel in a thousand loses one."""
_LEAST_CONTROLS = 2
"""With one control nothing tells whose change it is."""
_PRIOR_PLACEBOS = 5.0
"""The model's own width counts as much as so many placebos: 8 controls alone would scatter the width by 25 %."""
_LARGEST_SQUARE = 16.0
"""A placebo counts as at most 4 sd, so that one odd control does not decide the width."""
_EARLIER_DATES = 2
"""More earlier dates overlap the same past and teach little for their time."""
LEAST_BEFORE = 28
"""Days: four of each weekday."""


@dataclass(frozen=True, kw_only=True)
class Contaminated:
    """A control that moved on its own after the change."""

    row: int
    """In the panel that was given."""
    relative_effect: float
    """What it did beyond the other controls, relative to its level."""
    p_value: float


@dataclass(frozen=True, kw_only=True)
class EffectEstimate:
    """The effect on the treated series, in its own unit."""

    effect: EffectPosterior
    """Mean change a day; of ratios, weighted by the denominators."""
    daily: tuple[EffectPosterior, ...]
    """Change on each day after the change."""
    controls: tuple[int, ...]
    """Rows of the panel that were used."""
    weights: Floats
    """How much each of them counts for the treated series before the change; they sum to 1; shape (controls,)."""
    contaminated: tuple[Contaminated, ...]
    placebo_scores: Floats
    """Placebo effects of the controls on the day, then of all series on earlier dates, in their own sd; shape (placebos,)."""
    width_factor: float
    """By how much the placebos widened the interval; below 1 where they scatter less than the model says."""

    @property
    def placebo_rank(self) -> int:
        """Place of the treated series among itself and its placebos by size, 1 = the largest."""
        own = abs(self.effect.mean / self.effect.sd)
        return 1 + int((np.abs(self.placebo_scores) >= own).sum())


def estimate_effect(panel: ControlPanel) -> EffectEstimate:
    """The effect on the first series of the panel, contaminated controls left out.

    The panel needs two controls at least, four weeks before the change and a day after it.
    """
    # many small systems of equations: threads cost more than they bring (0.08 against 0.9 s)
    with threadpool_limits(1):
        return _estimate(panel)


def _estimate(panel: ControlPanel) -> EffectEstimate:
    rows, contaminated = list(range(1, len(panel.values))), []
    while True:
        model, fits = _fit_all(panel, rows)
        prior = grid_prior([fit.evidence for fit in fits])
        placebos = [posteriors(fit, prior, panel.before)[0] for fit in fits[1:]]
        scores = np.array([placebo.mean / placebo.sd for placebo in placebos])
        worst = int(np.argmax(np.abs(scores)))
        limit = -float(ndtri(_CONTAMINATED / 2 / len(rows))) * _scale(np.delete(scores, worst))
        if abs(scores[worst]) <= limit or len(rows) <= _LEAST_CONTROLS:
            break
        contaminated.append(
            Contaminated(row=rows[worst], relative_effect=placebos[worst].mean, p_value=placebos[worst].p_value)
        )
        del rows[worst]
    scores = np.concatenate([scores, *_earlier_scores(panel.rows([0, *rows]))])
    factor = _scale(scores) * _scale_unknown(len(scores))
    level = float(model.level[0])
    mixture = [one.widened(factor).in_units(level) for one in posteriors(fits[0], prior, panel.before)]
    return EffectEstimate(
        effect=mixture[0],
        daily=tuple(mixture[1:]),
        controls=tuple(rows),
        weights=_control_weights(panel, rows),
        contaminated=tuple(contaminated),
        placebo_scores=scores,
        width_factor=factor,
    )


def _earlier_scores(panel: ControlPanel) -> list[Floats]:
    """Placebo effects of all series, in their own sd, had the change come earlier by its own length, and twice that.

    Not of a series within its incident: that is no placebo, and made intervals twice as wide as the errors of 25 panels.
    """
    after = panel.values.shape[1] - panel.before
    scores = []
    for shift in range(1, _EARLIER_DATES + 1):
        before, end = panel.before - shift * after, panel.values.shape[1] - shift * after
        if before < LEAST_BEFORE:
            break
        exposure = None if panel.exposure is None else panel.exposure[:, :end]
        past = ControlPanel(values=panel.values[:, :end], days=panel.days[:end], before=before, exposure=exposure)
        _, fits = _fit_all(past, range(1, len(panel.values)))
        prior = grid_prior([fit.evidence for fit in fits])
        placebos = [posteriors(fit, prior, before)[0] for fit in fits]
        untouched = placebos[1:] if panel.incident is not None and panel.incident <= past.days[-1] else placebos
        scores.append(np.array([placebo.mean / placebo.sd for placebo in untouched]))
    return scores


def _fit_all(panel: ControlPanel, controls: Sequence[int]) -> tuple[PanelModel, list[GridFit]]:
    """The treated series (mean and each day after the change), then each control from the others (mean only)."""
    model = PanelModel(panel.rows([0, *controls]))
    numbers = range(1, len(controls) + 1)
    mean = mean_contrast(panel)
    daily = np.column_stack([mean, np.eye(len(mean))])
    (treated,) = model.fits(daily, [0], [list(numbers)])
    others = [[number for number in numbers if number != row] for row in numbers]
    return model, [treated, *model.fits(mean[:, None], list(numbers), others)]


def mean_contrast(panel: ControlPanel) -> Floats:
    """Weights of the days after the change in the mean: equal, or by the denominators of a ratio; shape (days after,)."""
    after = panel.values.shape[1] - panel.before
    if panel.exposure is None:
        return np.full(after, 1 / after)
    exposure = panel.exposure[0, panel.before :]
    return np.asarray(exposure / exposure.sum())


def _scale(scores: Floats) -> float:
    """By how much placebo effects scatter more than the model says, shrunk to 1."""
    squares = np.minimum(scores**2, _LARGEST_SQUARE).sum()
    return float(np.sqrt((_PRIOR_PLACEBOS + squares) / (_PRIOR_PLACEBOS + len(scores))))


def _scale_unknown(placebos: int) -> float:
    """By how much wider an interval must be whose scale is learnt from so many placebos: Student's quantile by the normal one."""
    return float(stdtrit(_PRIOR_PLACEBOS + placebos, (1 + LEVEL) / 2) / ndtri((1 + LEVEL) / 2))


def _control_weights(panel: ControlPanel, rows: Sequence[int]) -> Floats:
    """How close each control runs to the treated series before the change: inverse variance of the gap after weekdays."""
    past = panel.values[[0, *rows], : panel.before]
    relative = past / np.maximum(np.abs(past).mean(axis=1, keepdims=True), 1e-300)
    gap = relative[1:] - relative[0]
    weekday = (panel.days[: panel.before] + 3) % 7
    for day in range(7):
        gap[:, weekday == day] -= gap[:, weekday == day].mean(axis=1, keepdims=True) if (weekday == day).any() else 0
    closeness = 1 / np.maximum(gap.var(axis=1), 1e-12)
    return np.asarray(closeness / closeness.sum())
