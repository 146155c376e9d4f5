"""The answer in words: five lines that a colleague can act on, from nothing but the figures of an explanation."""

from core.explanation.explanation_results import CauseMatch, Explanation, SegmentShare
from core.reports.number_format import change, day, days, figure, four_digits, percent, span

LIKELY = 0.5
"""Below this confidence no cause is named as the answer."""


_RULED_OUT = 2
"""Look-alikes that are named in the answer; the evidence has all, with reasons."""


def narrative(answer: Explanation) -> tuple[str, ...]:
    """What, where and since when, through which step, why, and what to do: one line each."""
    return (_what(answer), _where(answer), _step(answer), _why(answer), _action(answer))


def verdict(answer: Explanation) -> str:
    """Whether it got worse by more than usual, in words."""
    if answer.is_drop:
        return "Worse than expected"
    low, high = answer.interval
    if low <= answer.actual <= high:
        return "Within the expected range"
    return "Better than expected"


def expected_range(answer: Explanation) -> str:
    """Where an ordinary window would have been."""
    return span(*answer.interval, answer.unit)


def headline(answer: Explanation) -> str:
    """Which metric, how it changed, where and when, in one line."""
    segment = f" in {answer.where}" if answer.where else ""
    return f"{answer.metric}{segment}: {_moved(answer)}, {days(answer.window)}"


def _what(answer: Explanation) -> str:
    segment = f" in {answer.where}" if answer.where else ""
    before, after = figure(answer.expected, answer.unit), figure(answer.actual, answer.unit)
    verb = "fell" if answer.change < 0 else "rose" if answer.change > 0 else "stayed"
    versus = "" if answer.baseline.kind == "expected" else f", compared with {days(answer.baseline.window)}"
    path = f"{verb} from {before} to {after}" if before != after else f"stayed at {after}"
    whole = " as a whole" if verdict(answer) == "Within the expected range" and _narrower(answer) else ""
    return (
        f"{verdict(answer)}{whole}: {answer.metric}{segment} {path}{versus}; expected range {expected_range(answer)}."
    )


def _moved(answer: Explanation) -> str:
    text = change(answer.change, answer.unit)
    return text if answer.change_pct is None else f"{text} ({percent(answer.change_pct, signed=True)})"


def _where(answer: Explanation) -> str:
    began = "" if answer.onset.shape == "partial" else f" as a {answer.onset.shape}"
    since = f"It began on {day(answer.onset.day)}{began}."
    narrower = _narrower(answer)
    if narrower:
        return f"Affected: {'; '.join(_segment(part, answer) for part in narrower[:2])}. {since}"
    if verdict(answer) == "Within the expected range":
        return "No single segment explains it."
    return f"Affected: {answer.where or 'everything'}; no narrower segment explains it better. {since}"


def _narrower(answer: Explanation) -> list[SegmentShare]:
    return [part for part in answer.segments if part.where and part.where != answer.where]


def _segment(part: SegmentShare, answer: Explanation) -> str:
    figures = f"{figure(part.expected, answer.unit)} to {figure(part.actual, answer.unit)}"
    share = "" if part.share is None else f", {percent(part.share)} of the change"
    return f"{part.where} ({figures}{share}, confidence {percent(part.confidence)})"


def _step(answer: Explanation) -> str:
    if len(answer.drivers) > 1:
        largest = max(answer.drivers, key=lambda driver: abs(driver.contribution))
        moved = f"{four_digits(largest.expected)} to {four_digits(largest.actual)}"
        return f"Largest contribution: {largest.metric} ({moved}), {change(largest.contribution, answer.unit)}."
    if not answer.mix:
        return f"{answer.metric} has no steps below it and no dimension to split it by."
    most = max(answer.mix, key=lambda part: abs(part.mix))
    if abs(most.mix) > abs(most.rate):
        return (
            f"The traffic mix changed by {most.dimension}: mix effect {change(most.mix, answer.unit)}, "
            f"rate effect {change(most.rate, answer.unit)}."
        )
    moved = "fell" if answer.change < 0 else "rose"
    noun = "rate" if answer.unit == "ratio" else "level"
    return f"The {noun} {moved} inside each segment; the traffic mix did not change."


def _why(answer: Explanation) -> str:
    failed = next((check for check in answer.data_quality if check.status == "fail"), None)
    data = f"Check the data first: {failed.detail.rstrip('.')}. " if failed is not None else ""
    best = answer.causes[0] if answer.causes else None
    if best is None or best.score < LIKELY:
        if verdict(answer) == "Within the expected range":
            return f"{data}Nothing to explain."
        possible = "" if best is None else f" Closest: {best.cause} (confidence {percent(best.score)})."
        event = f" Nearest event: {answer.events[0].title} ({answer.events[0].reason})." if answer.events else ""
        return f"{data}No known cause fits.{possible}{event}"
    text = f"{data}Likely cause: {best.cause} (confidence {percent(best.score)}{_event(best)})."
    ruled_out = [other.what for other in answer.ruled_out[:_RULED_OUT]]
    return f"{text} Ruled out: {', '.join(ruled_out)}." if ruled_out else text


def _event(cause: CauseMatch) -> str:
    """The event that speaks for a cause, without why it does: the evidence tells that."""
    reasons = (line.removeprefix("for: ") for line in cause.evidence if line.startswith("for: event "))
    return "".join(f"; {reason.partition(': ')[0]}" for reason in list(reasons)[:1])


def _action(answer: Explanation) -> str:
    if answer.causes and answer.causes[0].score >= LIKELY:
        best = answer.causes[0]
        return f"Do: {best.action} Owner: {best.owner}."
    if verdict(answer) == "Within the expected range":
        return "Nothing to do."
    note = f" Note: {answer.notes[-1]}." if answer.notes else ""
    segment = answer.segments[0].where if answer.segments else answer.where
    return f"Look into {segment or 'every segment'} by hand.{note}"
