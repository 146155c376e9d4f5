"""Whether a figure over everything changed: a rate, or an amount."""

import numpy as np

from core.base.arrays import Flags
from core.ecosystem.changes.segment_figures import (
    CANDIDATE,
    FEW,
    NAMED_BELOW,
    NOW,
    THEN,
    VALUES,
    Figure,
    PanelMember,
    movers,
    weekly_ratio,
)
from core.ecosystem.changes.step_test import (
    LEAST_HISTORY,
    LEAST_OF_RATES,
    OF_RATES,
    RECENT,
    Steps,
    Usual,
    count_steps,
    steps,
)
from core.ecosystem.changes.weekly_panel import WeeklyPanel
from core.ecosystem.results.claim_results import Claim

_LEAST_CASES = 16
_FEW_MEMBERS, _MOST, _LARGER = 3, 0.5, 2.0
"""Members who bring most of a change of an amount, by odds at least twice those of their share in it: when all sales halve, three
shops that have most of them bring most of the loss."""

_DEMAND = Usual(variance=0.057**2, weeks=3.0)
"""A few weeks of one series do not tell that a fall by half is no chance.

Of nine weeks that scatter by 0.1, orders that halved three weeks ago had a chance below 0.001 in 34 % without this, and in 87 %
with it; of those that scatter by 0.02 over fourteen, a fall by a fifth in 98 % either way. Of unchanged ones that scatter by 0.1
to 0.3 at most 0.3 % had, of those that grow by 6 % a week 0.1 %; by 0.4, 0.5 %. With 0.12² hardly any of the falls by a fifth
had."""


def whole(panel: WeeklyPanel, figure: Figure, causes: list[Claim]) -> Claim | None:
    """The figure over everything: the rate, or the amount itself; None where it is too small to test.

    `causes` are claims of its segments: the strongest of those that moved the same way is named as its cause. That an amount
    rose is no matter of everybody where one member brought it; that it fell is said whoever is missed.
    """
    if panel.weeks < max(RECENT) + (LEAST_HISTORY if figure.base is None else LEAST_OF_RATES):
        return None
    everything = np.ones(len(figure.amount), bool)
    amount = figure.amount.sum(axis=0)[None, :]
    base = np.ones_like(amount) if figure.base is None else figure.base.sum(axis=0)[None, :]
    if amount.sum() < _LEAST_CASES or not base.sum() > 0:
        return None
    result = _steps_of(figure, everything)
    step, margin, chance = float(result.step[0]), float(result.half()[0]), float(result.p_value[0])
    who = movers(panel, figure, everything, step > 0) if figure.base is None and chance < NAMED_BELOW else ()
    if who and step > 0:
        chance = max(chance, float(_steps_of(figure, ~who[0].leaves(panel)).p_value[0]))
    values = [
        float(amount[0, weeks].sum())
        if figure.base is None
        else figure.scale * float(amount[0, weeks].sum()) / (float(base[0, weeks].sum()) or 1.0)
        for weeks in (NOW, THEN)
    ]
    same = [cause for cause in causes if cause.p_value < CANDIDATE and (cause.effect > 1) == (step > 0)]
    strongest = min(same, key=lambda item: item.p_value, default=None)
    return Claim(
        topic=figure.topic, figure=figure.name, side="", where={},
        unit=("ratio" if figure.scale == 1 else "index") if figure.base is not None else "count",
        now=values[0], before=values[1], effect=float(np.exp(step)), is_factor=True,
        interval=(float(np.exp(step - margin)), float(np.exp(step + margin))), p_value=chance,
        onset=panel.day_of(int(result.onset[0])),
        is_worse=None if figure.more_is_worse is None else (step > 0) == figure.more_is_worse,
        cause=strongest.where if strongest else {},
        who=strongest.who if strongest else tuple(member.name(panel) for member in who) if _is_of(panel, figure, who) else (),
    )  # fmt: skip


def _is_of(panel: WeeklyPanel, figure: Figure, who: tuple[PanelMember, ...]) -> bool:
    """Whether three members bring most of the change of an amount, and more than everybody's change would have them bring."""
    before = figure.amount[:, max(RECENT) :].mean(axis=1)
    change = figure.amount[:, NOW].mean(axis=1) - before
    theirs = sum((member.leaves(panel) for member in who[:_FEW_MEMBERS]), np.zeros(len(change), bool))
    part, share = (abs(values[theirs].sum()) / max(abs(values.sum()), 1e-12) for values in (change, before))
    return bool(part > _MOST and part * max(1 - share, 0.0) >= _LARGER * max(1 - part, 0.0) * share)


def _steps_of(figure: Figure, chosen: Flags) -> Steps:
    """The step of some leaves in sum: of their rate, or of their amount."""
    amount, due = figure.amount[chosen].sum(axis=0)[None, :], figure.due
    expected = np.ones_like(amount) if due is None else due[chosen].sum(axis=0)[None, :]
    if figure.is_count and float(np.median(amount)) < FEW:
        return count_steps(amount, expected, lengths=RECENT if due is None else OF_RATES)
    scale = 1.0 if figure.is_count else VALUES
    counting = scale / (amount.mean(axis=1) / figure.unit + 0.5)
    series = np.log(weekly_ratio(amount, expected, figure.unit, figure.rate()))
    usual = _DEMAND if figure.base is None else None
    return steps(series, counting, usual=usual, cases=amount / figure.unit / scale)
