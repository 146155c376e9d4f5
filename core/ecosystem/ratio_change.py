"""A ratio of sums now and before, and how sure each and the change are."""

import numpy as np

from core.base.arrays import Flags, Floats
from core.ecosystem.results.claim_results import Interval
from core.ecosystem.results.health_results import RatioChange

_COVERED = 0.975


def ratio(numerator: Floats, denominator: Floats, named: Flags, scale: float = 1.0) -> RatioChange:
    """The ratio of the sums, times `scale`; row 0 is now, row 1 before; shape (2, members).

    `named`: False for amounts without a member. They count in the sums; how members differ comes from the named ones alone.

    The variance of a ratio over members, whose cases go together (Woodruff, JASA 1971), with Student's quantile for as many
    members as carry the sum. For a value each member counts as in a jackknife, by how the ratio of all others differs (HC3:
    MacKinnon and White, Journal of Econometrics 1985).
    """
    # who has neither takes no place in any sum: members who come later change no digit of the past
    visible = (numerator != 0).any(axis=0) | (denominator != 0).any(axis=0)
    numerator, denominator, named = numerator[:, visible], denominator[:, visible], named[visible]
    totals = denominator.sum(axis=1)
    values = [float(upper.sum() / total) if total > 0 else None for upper, total in zip(numerator, totals, strict=True)]
    numerator, denominator = numerator[:, named], denominator[:, named]
    parts, without = np.zeros_like(numerator), np.zeros_like(numerator)
    for at, total in enumerate(denominator.sum(axis=1)):
        if total > 0:
            parts[at] = (numerator[at] - numerator[at].sum() / total * denominator[at]) / totals[at]
            without[at] = parts[at] / np.maximum(1 - denominator[at] / total, 1e-12)
    now, before = (None if value is None else scale * value for value in values)
    both = now is not None and before is not None
    change = now - before if now is not None and before is not None else None
    half = scale * _half(without[0], denominator[0])
    # no part is larger than its whole
    ceiling = scale if (numerator <= denominator).all() else np.inf
    half_change = scale * _half(parts[0] - parts[1], denominator.sum(axis=0)) if both else np.inf
    return RatioChange(
        value=now,
        interval=_around(now, half, floor=0.0, ceiling=ceiling),
        n=float(totals[0]),
        before=before,
        change=change,
        change_interval=_around(change, half_change),
    )


def _half(parts: Floats, carried: Floats) -> float:
    """Half of the 95 % interval of the sum of independent parts; inf for fewer than two, or none but zeros."""
    from scipy.special import stdtrit

    members = int((carried > 0).sum())
    if members < 2 or not parts.any():
        return float(np.inf)
    alike = float(carried.sum()) ** 2 / float((carried**2).sum())
    deviation = float(np.sqrt((parts**2).sum() * members / (members - 1)))
    return float(stdtrit(max(alike - 1, 1.0), _COVERED)) * deviation


def _around(middle: float | None, half: float, floor: float = -np.inf, ceiling: float = np.inf) -> Interval | None:
    if middle is None or not np.isfinite(half):
        return None
    return max(middle - half, floor), min(middle + half, max(ceiling, middle))
