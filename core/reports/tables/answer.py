"""The answer for the top of a page, a line each: what happened, at what cost and where, why, what to do and who."""

from collections.abc import Iterator
from typing import Protocol

from core.base.date_text import date_range, day_month, during
from core.base.segment import Segment
from core.catalogue.metric_names import metric_words
from core.explanation.diagnose.event_matching import OVER
from core.explanation.explanation_results import LIKELY, NEARLY, CauseMatch, EventMatch, Explanation, SegmentShare
from core.reports.figures.number_format import amount, figure, percent
from core.reports.finding_narrative import direction_sign, ended, sentence, short_cause, short_segment
from core.reports.narrative import expected_range

_SHOWN_SEGMENTS = 2
_SHOWN_OTHERS = 3
_BY_CHANCE = 0.05
"""A rate stayed where chance alone would move it so far at least so often."""
_LEAST_SHARE, _MOST_SHARE = 0.0, 2.0
"""Shares of the change that are worth a word: others say that the rest of the whole moved against it, not how large a part is."""
_SHAPES = {"ramp": " gradually", "spike": " for some days"}
"""Words for how a change came; a step needs none."""


class Graded(Protocol):
    """A finding, or what is remembered of one."""

    @property
    def severity(self) -> str: ...
    @property
    def impact(self) -> float | None: ...
    @property
    def impact_unit(self) -> str: ...


def answer_lines(answer: Explanation, finding: Graded | None = None, currency: str = "") -> tuple[str, ...]:
    """The answer, a line each; `finding`: the one that is explained, for its severity and cost."""
    return tuple(_lines(answer, finding, currency))


def is_nothing_to_explain(answer: Explanation) -> bool:
    """Whether neither the whole nor any segment of it moved more than usual."""
    return answer.is_within_range and not answer.segments


def _lines(answer: Explanation, finding: Graded | None, currency: str) -> Iterator[str]:
    yield _within_range(answer, currency) if answer.is_within_range else _what(answer, finding, currency)
    doubt = next((check.detail for check in answer.data_quality if check.status == "fail"), answer.data_doubt)
    if doubt:
        yield f"Check the data first: {ended(doubt)}"
    if is_nothing_to_explain(answer):
        yield "Nothing else to explain." if doubt else "Nothing to explain and nothing to do."
        return
    where = f"{_cost(finding, currency)} {_where(answer, currency)}".strip()
    if where:
        yield where
    yield _why(answer)
    for cause in _likely(answer):
        yield f"Do: {ended(cause.action)} Owner: {cause.owner}."
    for cause in answer.one_of_two:
        yield f"If it is {short_cause(cause.cause)}: {ended(cause.action)} Owner: {cause.owner}."
    event = answer.fitting_event
    if event is not None and event.owner:
        yield f"Do: ask what {event.short_name} changed there. Owner: {event.owner}."


def _within_range(answer: Explanation, currency: str) -> str:
    actual, usual = amount(answer.actual, answer.unit, currency), expected_range(answer)
    return (
        f"Within the expected range: {_subject(answer)} came to {actual} {during(answer.window)} (95% range {usual})."
    )


def _subject(answer: Explanation, part: SegmentShare | None = None) -> str:
    where = answer.where if part is None else answer.where.narrowed(part.where)
    return metric_words(answer.metric) + (f" in {short_segment(where)}" if where else "")


def _dropped_part(answer: Explanation) -> SegmentShare | None:
    """The segment that is a drop where the whole is none."""
    part = answer.segments[0] if answer.segments else None
    return part if answer.is_drop and answer.is_usual_as_a_whole else None


def _what(answer: Explanation, finding: Graded | None, currency: str) -> str:
    part = _dropped_part(answer)
    expected, actual = (answer.expected, answer.actual) if part is None else (part.expected, part.actual)
    before, after = figure(expected, answer.unit), amount(actual, answer.unit, currency)
    verb = "fell" if actual < expected else "rose"
    path = f"stayed at {after}" if before == figure(actual, answer.unit) else f"{verb} from {before} to {after}"
    sign = direction_sign(actual - expected)
    severity = finding.severity if finding and answer.is_drop else ""
    lead = severity.capitalize() or ("Got worse" if answer.is_drop else "Improved")
    if answer.baseline.kind == "expected":
        since = f"{_SHAPES.get(answer.onset.shape, '')} since {day_month(answer.onset.day)}"
    else:
        since = f" ({date_range(answer.window)} versus {date_range(answer.baseline.window)})"
    return f"{sign} {lead}: {_subject(answer, part)} {path}{since}."


def _cost(finding: Graded | None, currency: str) -> str:
    if finding is None or not finding.impact or finding.impact_unit != "money":
        return ""
    return f"Cost: {amount(finding.impact, 'money', currency)} of GMV."


def _where(answer: Explanation, currency: str) -> str:
    """The segments inside what is explained; empty where there are none and the first sentence names the segment."""
    narrower = [part for part in answer.segments if part.where and part.where != answer.where]
    if not narrower:
        return "" if answer.where else "Where: everywhere; no segment stands out."
    first, *others = (_segment(answer, part, currency) for part in narrower[:_SHOWN_SEGMENTS])
    if answer.is_usual_as_a_whole:  # the first sentence has its figures
        first = f"only {short_segment(narrower[0].where)} moved more than usual{_share(narrower[0], ' ({})')}"
    more = f" and {len(narrower) - _SHOWN_SEGMENTS} more" if len(narrower) > _SHOWN_SEGMENTS else ""
    return f"Where: {', '.join((first, *others))}{more}."


def _segment(answer: Explanation, part: SegmentShare, currency: str) -> str:
    """A segment with its figures; one whose rate stayed, and that shifted the traffic mix, with what became of its weight."""
    if answer.unit == "ratio" and _stayed(answer, part):
        grew = (part.actual < answer.actual) == (answer.change < 0)
        weight = "more" if grew else "less"
        there = f"{amount(part.actual, answer.unit, currency)} there{_share(part, ', {}')}"
        return f"{weight} weight on {short_segment(part.where)} ({there})"
    path = f"{figure(part.expected, answer.unit)} to {amount(part.actual, answer.unit, currency)}"
    return f"{short_segment(part.where)} ({path}{_share(part, ', {}')})"


def _stayed(answer: Explanation, part: SegmentShare) -> bool:
    """Whether the rate of a segment moved no more than by chance, or against the change that it explains."""
    against = (part.actual - part.expected) * answer.change <= 0
    return against or (part.p_value is not None and part.p_value > _BY_CHANCE)


def _share(part: SegmentShare, form: str) -> str:
    if part.share is None or not _LEAST_SHARE < part.share <= _MOST_SHARE:
        return ""
    return form.format(f"{percent(part.share)} of the change")


def _why(answer: Explanation) -> str:
    likely = list(_likely_words(answer))
    if likely:
        return f"Likely {'cause' if len(likely) == 1 else 'causes'}: {'; '.join(likely)}."
    others = f" {words}" if (words := _others(answer)) else ""
    nearest = answer.events[0] if answer.events else None
    if answer.causes_skipped:
        fits = nearest is not None and nearest.score >= LIKELY
        lead = "An event fits in time and place" if fits else "Nearest event"
        event = f"{lead}: {_event_words(nearest, titled=True)}." if nearest else "No event is near."
        return f"{event} {sentence(answer.causes_skipped)}{others}"
    event = f". Nearest event: {_event_words(nearest, titled=True)}" if nearest else ", and no event is near"
    return f"{_unfit(answer)}{event}.{others}"


def _likely_words(answer: Explanation) -> Iterator[str]:
    """The likeliest cause of each segment that has one, and both of two of which it is one."""

    def place(cause: CauseMatch) -> str:
        return f" in {cause.where}" if len(answer.segments) > 1 else ""

    yield from (_cause(answer, cause, place(cause)) for cause in _likely(answer))
    pair = answer.one_of_two
    if pair:
        yield f"either {' or '.join(_cause(answer, cause, '') for cause in pair)}{place(pair[0])}"


def _unfit(answer: Explanation) -> str:
    """That no known cause fits, or which ones nearly do: two between which nothing decides are both said."""
    near = [
        f"{short_cause(cause.cause)}, {percent(cause.score)}"
        for cause in answer.nearest_causes
        if cause.score >= NEARLY
    ]
    if not near:
        return "No known cause fits"
    return f"No known cause fits well enough to be named (nearest: {' or '.join(near)})"


def _likely(answer: Explanation) -> list[CauseMatch]:
    """The likeliest cause of each segment that has one, best first."""
    best: dict[Segment, CauseMatch] = {}
    for cause in answer.causes:
        if cause.score >= LIKELY:
            best.setdefault(cause.where, cause)
    return list(best.values())


def _cause(answer: Explanation, cause: CauseMatch, where: str) -> str:
    return f"{short_cause(cause.cause)}{where} (confidence {percent(cause.score)}){_event(answer, cause)}"


def _others(answer: Explanation) -> str:
    """What the other measures did there: a sentence, or nothing."""
    changed = [other for other in answer.others if other.moved][:_SHOWN_OTHERS]
    stayed = [other for other in answer.others if not other.moved][:_SHOWN_OTHERS]
    went = ", ".join(f"{metric_words(other.metric)} ({percent(other.change_pct, signed=True)})" for other in changed)
    parts = [f"{went} moved there too"] if changed else []
    parts += [f"{', '.join(metric_words(other.metric) for other in stayed)} stayed as usual"] if stayed else []
    return sentence("; ".join(parts)) if parts else ""


def _event(answer: Explanation, cause: CauseMatch) -> str:
    """The event that speaks for the cause."""
    fitting = (event for event in answer.events if any(event.short_name in line for line in cause.evidence))
    event = next(fitting, None)
    return f", event {_event_words(event)}" if event else ""


def _event_words(event: EventMatch, *, titled: bool = False) -> str:
    """An event by its id, with `titled` by its title as well, and when it was."""
    when, _, gap = event.reason.partition(";")[0].partition(", ")
    words = gap.replace("the day of the onset", "on the same day").removesuffix(" the onset")
    words = f"{'ended ' if when.startswith(OVER) else ''}{words}"
    if titled:
        return f"{event.title} ({words if event.is_named_by_title else f'{event.event_id} {words}'})"
    return f"{event.short_name} {words}"
