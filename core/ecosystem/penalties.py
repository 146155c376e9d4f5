"""Penalties and appeals: how many violations, of whom, how many an appeal overturns and after how long."""

import numpy as np

from core.base.days import Window
from core.base.segment import Segment
from core.ecosystem.members.activity import COLUMNS, WEEKS
from core.ecosystem.proportions import fisher, newcombe, wilson
from core.ecosystem.results.claim_results import Claim
from core.ecosystem.results.health_results import Penalties
from core.ratings.rating_results import Side
from core.workspace.read import rating_rows
from core.workspace.read.rows import risk_rows
from core.workspace.read.workspace import Workspace

_DAYS = 7 * WEEKS
_LEAST = 10
_NAMED = 5


def penalties(workspace: Workspace, side: Side, as_of: int, where: Segment) -> tuple[Penalties, Claim | None] | None:
    """Violations of a side, and a claim about the share overturned; None where there are none."""
    column = COLUMNS[side]
    if "violations" not in workspace.measures or column not in workspace.dimensions:
        return None
    rows = risk_rows.violations(workspace, Window(as_of - 4 * _DAYS + 1, as_of), where)
    mine = rows[column] > 0
    day, gone = rows["day"][mine], rows["overturned"][mine]
    gone = np.where(gone <= as_of, gone, 0)
    now, before = day > as_of - _DAYS, (day > as_of - 2 * _DAYS) & (day <= as_of - _DAYS)
    if not (now | before).any():
        return None
    both, recent = now | before, gone[now | before] > 0
    days = (gone - day)[both][recent]
    days = days[days > 0]  # a list that says no day of the decision gives that of the violation
    words = rating_rows.words(workspace, "policy")
    policy = np.bincount(rows["policy"][mine][now], minlength=len(words))
    order = np.argsort(-policy, kind="stable")[:_NAMED].tolist()
    overturned, size = int(recent.sum()), int(both.sum())
    result = Penalties(
        side=side,
        now=int(now.sum()),
        before=int(before.sum()),
        members=len(np.unique(rows[column][mine][now])),
        overturned=overturned,
        overturned_share=overturned / size if size >= _LEAST else None,
        interval=wilson(overturned, size) if size >= _LEAST else None,
        median_days=float(np.median(days)) if len(days) else None,
        policies={words[at] or "(not given)": int(policy[at]) for at in order if policy[at]},
    )
    return result, _claim(side, as_of, day, gone)


def _claim(side: Side, as_of: int, day: np.ndarray, gone: np.ndarray) -> Claim | None:
    """Whether appeals succeed more often within 28 days: of violations 28 to 56 days ago against older ones; None of too few, or
    where it is not known when."""
    if 2 * (gone > day).sum() <= (gone > 0).sum():
        return None  # most have no day of the decision, and of old ones more were decided; or none was overturned
    quick = (gone > 0) & (gone - day <= _DAYS)
    ages = as_of - day
    new, old = (ages >= _DAYS) & (ages < 2 * _DAYS), ages >= 2 * _DAYS
    pairs = [(int(quick[item].sum()), int(item.sum())) for item in (new, old)]
    if min(size for _, size in pairs) < _LEAST:
        return None
    change = pairs[0][0] / pairs[0][1] - pairs[1][0] / pairs[1][1]
    return Claim(
        topic="penalties", figure="overturned_share", side=side, where={}, unit="ratio",
        now=pairs[0][0] / pairs[0][1], before=pairs[1][0] / pairs[1][1], effect=change, is_factor=False,
        interval=newcombe(*pairs), p_value=fisher(*pairs), onset=as_of - 2 * _DAYS + 1, is_worse=change > 0,
    )  # fmt: skip
