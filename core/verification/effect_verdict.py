"""What an estimated effect says: the verdict, how much of an incident came back, and how many more days would decide."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.special import ndtri, stdtrit

from core.catalogue.metric_tree.metrics import Metric
from core.verification.effect_estimate import LEAST_BEFORE, EffectEstimate, estimate_effect
from core.verification.effect_posterior import LEVEL, EffectPosterior
from core.verification.panel_model import ControlPanel
from core.verification.verification_results import LEAST_INCIDENT, Verdict

_NEGLIGIBLE = 0.03
"""An effect within 3 % of the counterfactual changes no decision."""
_PART_OF_INCIDENT = 1 / 3
"""What was done against an incident, and brings less than a third of it back, did not work; what brings half of it half works."""
_LAST_DAYS = 3
"""Days before a change in which an incident that ends by itself shows that it does."""
_POWER = 0.8
"""The usual chance to find an effect that plans are made with (Cohen 1988)."""
_LONGEST_WAIT = 56
"""Further days that are considered: after eight weeks other things have changed as well."""


def negligible_effect(counterfactual: float, took: float) -> float:
    """What an effect has to exceed to count, either way; `took`: what an incident that it was to end did."""
    return max(_NEGLIGIBLE * abs(counterfactual), _PART_OF_INCIDENT * abs(took))


def incident_effect(panel: ControlPanel) -> float:
    """The mean effect of an incident on a day before the change; 0 where there was none, or where it does not show.

    Its error is left out: what the incident's level is wrong by is in the effect of the remedy as well, and cancels.
    """
    if panel.incident is None:
        return 0.0
    began = int(np.searchsorted(panel.days, panel.incident))
    if began < LEAST_BEFORE:
        return 0.0
    effect = estimate_effect(_until(panel, panel.before, began)).effect
    return effect.mean if effect.p_value < 1 - LEVEL else 0.0


def _until(panel: ControlPanel, end: int, before: int) -> ControlPanel:
    """The first days of a panel, without its incident, as if the change had come after `before` of them."""
    exposure = None if panel.exposure is None else panel.exposure[:, :end]
    return ControlPanel(values=panel.values[:, :end], days=panel.days[:end], before=before, exposure=exposure)


def recovered_before(panel: ControlPanel, took: float) -> float | None:
    """The share of an incident's effect (`took`) that was undone in the last days before the change, where that is no chance.

    None where it was not, and of an incident of too few days to tell.
    """
    before = panel.before - _LAST_DAYS
    if panel.incident is None or not took or before - np.searchsorted(panel.days, panel.incident) < LEAST_INCIDENT:
        return None
    effect = estimate_effect(replace(_until(panel, panel.before, before), incident=panel.incident)).effect
    share = -effect.mean / took
    return share if share > 0 and effect.p_value < 1 - LEVEL else None


def brought_back(effect: EffectPosterior, took: float) -> Iterator[str]:
    """How much of an incident was made good; nothing where its size is not known."""
    if took:
        ends = sorted(-end / took for end in effect.interval)
        back, low, high = (round(share, 2) + 0.0 for share in (-effect.mean / took, *ends))  # no "-0%"
        yield f"Of the incident's effect, {back:.0%} was undone (95% interval {low:.0%} to {high:.0%})."


def verdict_of(metric: Metric, effect: EffectPosterior, negligible: float) -> Verdict:
    """Two one-sided tests say that nothing changed (Schuirmann 1987): the effect is larger neither way, each at 5 %.

    That holds for an effect that is no chance, too: one that brings a fifth of an incident back did not end it. One that is more
    likely too small to count than not, and not surely so, is undecided.
    """
    if max(effect.below(-negligible), 1 - effect.below(negligible)) < 1 - LEVEL:
        return "no_change"
    if effect.p_value >= 1 - LEVEL or abs(effect.mean) < negligible:
        return "undecided"
    return "worse" if effect.mean * metric.watched_sign > 0 else "improved"


def detectable(effect: EffectPosterior) -> float:
    """The effect that is found with probability _POWER, from the width of the posterior."""
    return float((stdtrit(effect.freedom, (1 + LEVEL) / 2) + ndtri(_POWER)) * effect.sd)


def more_days(panel: ControlPanel, estimate: EffectEstimate, negligible: float) -> int | None:
    """Further days after which the present effect would be found, or known to be negligible, at the width of longer windows.

    Windows of the past of that length say how wide the interval would be.
    """
    panel = panel.rows([0, *estimate.controls])
    present = abs(estimate.effect.mean)
    for more in (7, 14, 28, _LONGEST_WAIT):
        past = _longer(panel, more)
        if past is None:
            return None
        sd = estimate_effect(past).effect.sd
        found, bounded = (float(stdtrit(past.before, share)) * sd for share in ((1 + LEVEL) / 2, LEVEL))
        if (negligible <= present and found < present) or present + bounded < negligible:
            return more
    return None


def _longer(panel: ControlPanel, more: int) -> ControlPanel | None:
    """A panel with so many more days after the change, which comes earlier instead; None where too few are left before it.

    Where it was to end an incident, the days are those before that, and one of the same length is taken to lie before the change.
    """
    end = panel.values.shape[1]
    lasted = 0
    if panel.incident is not None:
        end = int(np.searchsorted(panel.days, panel.incident))
        lasted = panel.before - end
    before = end - (panel.values.shape[1] - panel.before) - more
    if before - lasted < LEAST_BEFORE:
        return None
    past = _until(panel, end, before)
    return replace(past, incident=int(past.days[before - lasted])) if lasted else past
