"""Steps of the funnel that are counted as one: where a count between them is missing, signatures speak of both together."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from core.catalogue.cause_signatures import CauseSignature, MovePattern, Way

MERGED: Mapping[str, tuple[str, ...]] = {
    "click_to_order_rate": ("detail_view_rate", "cart_rate", "cart_to_order_rate"),
}
"""Ratio -> the finer steps whose product it is."""
FUNNEL = ("impressions", "ctr", *MERGED["click_to_order_rate"], "payment_rate")


def counted_steps(counted: Collection[str]) -> tuple[str, ...]:
    """The steps of the funnel in order, the finest that are counted; a merged one takes the place of its finer ones."""
    merged = {step: whole for whole, steps in MERGED.items() if not set(steps) <= set(counted) for step in steps}
    return tuple(dict.fromkeys(merged.get(step, step) for step in FUNNEL))


def with_merged_steps(signatures: Mapping[str, CauseSignature], counted: Collection[str]) -> dict[str, CauseSignature]:
    """The signatures, in which the merged steps do what their finer ones would; only where not all of these are counted."""
    merged = [whole for whole, steps in MERGED.items() if whole in counted and not set(steps) <= set(counted)]
    found = dict(signatures)
    for whole in merged:
        found = {
            key: replace(cause, patterns=tuple(_with_merged(pattern, whole) for pattern in cause.patterns))
            for key, cause in found.items()
        }
    return found


def _with_merged(pattern: MovePattern, whole: str) -> MovePattern:
    steps = MERGED[whole]
    if whole in pattern.metrics:
        return pattern
    needed = {pattern.moves[step] for step in steps if step in pattern.moves}
    possible = {pattern.may[step] for step in steps if step in pattern.may}
    if len(needed) == 1:
        return replace(pattern, moves={**pattern.moves, whole: next(iter(needed))})
    if possible and not needed:
        return replace(pattern, may={**pattern.may, whole: _either(possible)})
    if needed or not set(steps).isdisjoint(pattern.flat):
        return replace(pattern, flat=(*pattern.flat, whole))
    return pattern


def _either(directions: Collection[Way]) -> Way:
    return next(iter(directions)) if len(directions) == 1 else "either"
