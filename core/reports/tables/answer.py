"""The answer in three or four lines for the top of a page: what and since when, where, why, and what to do."""

from collections.abc import Iterator

from core.detection.findings import Finding
from core.explanation.explanation_results import CauseMatch, Explanation
from core.reports.finding_narrative import cause_words, direction_sign, metric_words, money
from core.reports.narrative import LIKELY, expected_range
from core.reports.number_format import change, day, days, figure, percent

_SHOWN_SEGMENTS = 2


def answer_lines(answer: Explanation, finding: Finding | None = None, currency: str = "") -> tuple[str, ...]:
    """The answer, a line each; `finding`: the one that is explained, for its severity and cost."""
    return tuple(_lines(answer, finding, currency))


def is_nothing_to_explain(answer: Explanation) -> bool:
    """Whether neither the whole nor any segment of it moved more than usual."""
    return answer.is_within_range and not answer.segments


def _lines(answer: Explanation, finding: Finding | None, currency: str) -> Iterator[str]:
    yield _what(answer, finding, currency)
    failed = next((check for check in answer.data_quality if check.status == "fail"), None)
    if failed is not None:
        yield f"Check the data first: {failed.detail.rstrip('.')}."
    if is_nothing_to_explain(answer):
        yield f"Nothing to explain and nothing to do: 95% of usual windows are between {_range(answer)}."
        return
    if answer.is_within_range:
        yield f"As a whole it moved no more than usual (95% of usual windows are between {_range(answer)}), but a part did."
    yield _where(answer)
    yield _why(answer)
    if answer.causes and answer.causes[0].score >= LIKELY:
        yield f"Do: {answer.causes[0].action.rstrip('.')}. Owner: {answer.causes[0].owner}."


def _what(answer: Explanation, finding: Finding | None, currency: str) -> str:
    name = metric_words(answer.metric)
    segment = f" in {answer.where}" if answer.where else ""
    before, after = figure(answer.expected, answer.unit), figure(answer.actual, answer.unit)
    verb = "fell" if answer.change < 0 else "rose"
    path = f"stayed at {after}" if before == after else f"{verb} from {before} to {after}"
    if answer.is_within_range:
        return f"Within the expected range: {name}{segment} {path} in {days(answer.window)}."
    sign = direction_sign(answer.change)
    severity = f"{finding.severity.capitalize()}: " if finding is not None and answer.is_drop else ""
    shape = "" if answer.onset.shape == "partial" else f" ({answer.onset.shape})"
    if answer.baseline.kind == "expected":
        since = f" since {day(answer.onset.day)}{shape}"
    else:
        since = f" in {days(answer.window)}, compared with {days(answer.baseline.window)}"
    verdict = "Got worse" if answer.is_drop else "Improved"
    lead = f"{sign} {severity}{name}" if severity else f"{sign} {verdict}: {name}"
    return f"{lead}{segment} {path}{since}.{_cost(finding, currency)}"


def _cost(finding: Finding | None, currency: str) -> str:
    if finding is None or not finding.impact or finding.impact_unit != "money":
        return ""
    return f" It cost {money(finding.impact, currency)} of GMV."


def _range(answer: Explanation) -> str:
    return expected_range(answer).replace(" to ", " and ")


def _where(answer: Explanation) -> str:
    narrower = [part for part in answer.segments if part.where and part.where != answer.where]
    if not narrower:
        return f"Where: {answer.where or 'everywhere'}; no narrower segment stands out."
    texts = (
        f"{part.where} ({figure(part.expected, answer.unit)} to {figure(part.actual, answer.unit)}"
        f"{'' if part.share is None else f', {percent(part.share)} of the change'})"
        for part in narrower[:_SHOWN_SEGMENTS]
    )
    more = f" and {len(narrower) - _SHOWN_SEGMENTS} more" if len(narrower) > _SHOWN_SEGMENTS else ""
    return f"Where: {', '.join(texts)}{more}."


def _why(answer: Explanation) -> str:
    best = answer.causes[0] if answer.causes else None
    if best is not None and best.score >= LIKELY:
        return f"Likely cause: {cause_words(best.cause)} (confidence {percent(best.score)}){_event(answer, best)}."
    if answer.events:
        event = answer.events[0]
        return f"No known cause fits. Nearest event: {event.event_id} {event.title} ({event.reason})."
    return f"No known cause fits, and no event is near. Change: {change(answer.change, answer.unit)}."


def _event(answer: Explanation, cause: CauseMatch) -> str:
    """The event that speaks for the cause."""
    fitting = [event for event in answer.events if any(event.event_id in line for line in cause.evidence)]
    return f", event {fitting[0].event_id}: {fitting[0].title}" if fitting else ""
