"""The answer in words: five lines that a colleague can act on, from nothing but the figures that an explanation carries."""

from core.base.days import iso
from core.explanation.explanation_results import CauseMatch, Driver, Explanation, SegmentShare

_SURE = 0.5
"""A cause that is less likely than this is offered as a question."""


def narrative(found: Explanation) -> tuple[str, ...]:
    """What, where and since when, through which step, why, and what to do: one line each."""
    return (_what(found), _where(found), _step(found), _why(found), _do(found))


def _what(found: Explanation) -> str:
    place = f" in {found.where}" if found.where else ""
    said = f"{found.metric}{place} was {_figure(found.actual, found.unit)} in {found.window}"
    moved = f"{_change(found)} against {_figure(found.expected, found.unit)} {_baseline(found)}"
    if found.is_drop:
        return f"{said}: {moved}. That is a drop."
    low, high = (_figure(end, found.unit) for end in found.interval)
    return f"{said}: {moved}. That is no drop: {low} to {high} would be ordinary, or it got better."


def _baseline(found: Explanation) -> str:
    return "expected" if found.baseline.kind == "expected" else f"in {found.baseline.window}"


def _change(found: Explanation) -> str:
    text = _figure(found.change, found.unit, signed=True)
    return text if found.change_pct is None else f"{text} ({found.change_pct:+.1%})"


def _where(found: Explanation) -> str:
    since = f"since {iso(found.onset.day)}, as a {found.onset.shape}"
    named = [one for one in found.segments if one.where]
    if not named and not found.interval[0] <= found.actual <= found.interval[1]:
        return f"It is all of {found.where or 'it'}, {since}: its slices moved alike, no segment stands out."
    if not named:
        return f"It is nowhere in particular, {since}: too little moved to tell where."
    return f"It is in {'; and in '.join(_segment(one, found) for one in named[:2])}; {since}."


def _segment(one: SegmentShare, found: Explanation) -> str:
    part = f", {one.share:.0%} of the change" if one.share is not None else ""
    figures = f"{_figure(one.expected, found.unit)} -> {_figure(one.actual, found.unit)}"
    return f"{one.where} ({figures}{part}, {one.confidence:.0%} sure)"


def _step(found: Explanation) -> str:
    if len(found.drivers) > 1:
        best = max(found.drivers, key=lambda one: abs(one.contribution))
        return f"The step is {best.metric}: {_driver(best)}, {_figure(best.contribution, found.unit, signed=True)} of the change."
    shifts = [one for one in found.mix if abs(one.mix) > abs(one.rate)]
    if shifts:
        best_mix = max(shifts, key=lambda one: abs(one.mix))
        return (
            f"Shifts between values of {best_mix.dimension} bring {_figure(best_mix.mix, found.unit, signed=True)}, "
            f"changes inside them {_figure(best_mix.rate, found.unit, signed=True)}."
        )
    if found.mix:
        names = _listed([one.dimension for one in found.mix])
        return f"It is a change inside the slices, not a shift between them, over {names}."
    return f"{found.metric} has no steps below it and no dimension to slice it by here."


def _driver(one: Driver) -> str:
    return f"{one.expected:.4g} -> {one.actual:.4g}"


def _why(found: Explanation) -> str:
    doubt = next((one for one in found.data_quality if one.status == "fail"), None)
    prefix = f"First the data: {doubt.detail}. " if doubt is not None else ""
    if not found.causes:
        events = (
            f" Nearest event: {found.events[0].title} ({found.events[0].reason})."
            if found.events
            else " No event fits."
        )
        return f"{prefix}No known cause fits.{events}"
    best = found.causes[0]
    word = "Likely" if best.score > _SURE else "Perhaps"
    text = f"{prefix}{word} {best.cause} ({best.score:.0%}): {_reason(best)}."
    if found.ruled_out:
        text += f" Not {found.ruled_out[0].what}: {found.ruled_out[0].reason}."
    return text


def _reason(cause: CauseMatch) -> str:
    speaking = [line.removeprefix("for: ") for line in cause.evidence if line.startswith("for: ")]
    return "; ".join(speaking[:2]) or "nothing speaks against it"


def _do(found: Explanation) -> str:
    if not found.causes:
        asked = " ".join(found.notes[-1:])
        return (
            f"Look into {found.segments[0].where or 'every slice'} by hand.{f' {asked}.' if asked else ''}"
            if found.segments
            else asked
        )
    best = found.causes[0]
    return f"{best.owner}: {best.action} It worked when: {best.verify}"


def _figure(value: float, unit: str, signed: bool = False) -> str:
    sign = "+" if signed else ""
    if unit == "ratio":
        return f"{100 * value:{sign}.2f} points" if signed else f"{value:.2%}"
    if unit in {"count", "money"} and abs(value) >= 100:
        return f"{value:{sign},.0f}"
    return f"{value:{sign},.4g}"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")
