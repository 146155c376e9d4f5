"""Steps of the funnel that are counted as one: where a count between them is missing, signatures speak of both together."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from core.catalogue.cause_signatures import CauseSignature, MovePattern, Way

_TO_ORDER = ("detail_view_rate", "cart_rate", "cart_to_order_rate")
MERGED: Mapping[str, tuple[str, ...]] = {"click_to_order_rate": _TO_ORDER}
"""Ratio -> the finer steps whose product it is."""
FUNNEL = ("impressions", "ctr", *_TO_ORDER, "payment_rate")
_FIRST_COUNTS: Mapping[str, tuple[str, ...]] = {
    "clicks": ("impressions", "ctr"),
    "orders": ("impressions", "ctr", *_TO_ORDER),
}
"""Where the funnel begins with such a count, because those before it are not known -> the steps whose product it is."""


def counted_steps(counted: Collection[str]) -> tuple[str, ...]:
    """The steps of the funnel in order, the finest that are counted; a merged one takes the place of its finer ones."""
    merged = {step: whole for whole, steps in _merged(counted) for step in steps}
    return tuple(dict.fromkeys(merged.get(step, step) for step in FUNNEL))


def with_merged_steps(signatures: Mapping[str, CauseSignature], counted: Collection[str]) -> dict[str, CauseSignature]:
    """The signatures, in which the merged steps do what their finer ones would; only where not all of these are counted."""
    found = dict(signatures)
    for whole, steps in _merged(counted):
        found = {
            key: replace(cause, patterns=tuple(_with_merged(pattern, whole, steps) for pattern in cause.patterns))
            for key, cause in found.items()
        }
    return found


def _merged(counted: Collection[str]) -> list[tuple[str, tuple[str, ...]]]:
    """(count or rate that is known, the finer steps whose product it is), where those are not all counted."""
    merged = [(whole, steps) for whole, steps in MERGED.items() if whole in counted and not set(steps) <= set(counted)]
    first = next((count for count in _FIRST_COUNTS if count in counted), None)
    return merged if "impressions" in counted or first is None else [*merged, (first, _FIRST_COUNTS[first])]


def _with_merged(pattern: MovePattern, whole: str, steps: Collection[str]) -> MovePattern:
    if whole in pattern.moves or whole in pattern.flat:
        return pattern
    needed = {pattern.moves[step] for step in steps if step in pattern.moves}
    possible = {pattern.may[step] for step in (*steps, whole) if step in pattern.may}
    if len(needed) == 1:
        may = {name: way for name, way in pattern.may.items() if name != whole}
        return replace(pattern, moves={**pattern.moves, whole: next(iter(needed))}, may=may)
    if possible and not needed:
        return replace(pattern, may={**pattern.may, whole: _either(possible)})
    if needed or not set(steps).isdisjoint(pattern.flat):
        return replace(pattern, flat=(*pattern.flat, whole))
    return pattern


def _either(directions: Collection[Way]) -> Way:
    return next(iter(directions)) if len(directions) == 1 else "either"
