"""Hand-off documents: a finding or a scorecard as sections of sentences, tables and a chart, for whoever was not there.

One document, three writers (`hand_off_writers`): the same figures in HTML, Markdown and JSON.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.base.days import Day, Window, iso
from core.base.json_value import Value
from core.explanation.explanation_results import Explanation
from core.ratings.rating_results import ScoreCard, Scorecard
from core.reports.narrative import narrative
from core.reports.number_format import change, days, figure, p_value, percent
from core.views.metric_detail import MetricDetail
from core.workspace.schema.load_log import Load

_ROWS = 12
"""Of a table: what a colleague reads; the command prints all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable(Value):
    """Rows of texts under titles."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyChart(Value):
    """A metric by day, with the window that is judged."""

    label: str
    days: Window
    values: tuple[float, ...]
    """nan where there is none."""
    window: Window
    expected: float
    """A day."""
    low: float
    high: float
    """95 % interval of `expected`."""
    onset: Day
    events: tuple[tuple[int, str], ...]
    """(day, title)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSection(Value):
    """One part of a document."""

    title: str
    lines: tuple[str, ...] = ()
    table: ReportTable | None = None
    chart: DailyChart | None = None
    code: tuple[str, ...] = ()
    """Commands and SQL, to be copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOff(Value):
    """Everything about one subject."""

    title: str
    summary: tuple[str, ...]
    """The answer, a sentence each."""
    sections: tuple[ReportSection, ...]
    data: Mapping[str, Any]
    """The JSON of what it rests on."""


def finding_document(detail: MetricDetail, command: str, loads: Sequence[Load]) -> HandOff:
    """A finding or a question: the answer, where, through which step, why, the data, how to see it again."""
    answer = detail.explanation
    where = f" in {answer.where}" if answer.where else ""
    change_text = (
        percent(answer.change_pct, signed=True) if answer.change_pct is not None else change(answer.change, answer.unit)
    )
    return HandOff(
        title=f"{answer.metric}{where}: {change_text}, {days(answer.window)}",
        summary=narrative(answer),
        sections=tuple(_finding_sections(detail, command, loads)),
        data=answer.to_dict(),
    )


def _finding_sections(detail: MetricDetail, command: str, loads: Sequence[Load]) -> Iterator[ReportSection]:
    answer = detail.explanation
    yield ReportSection(title="By day", chart=_chart(detail))
    yield ReportSection(title="Contribution of each step", table=_drivers(answer))
    if answer.segments:
        yield ReportSection(title="Where", table=_segments(answer))
    if answer.events:
        rows = tuple((percent(event.score), event.title, event.reason) for event in answer.events[:_ROWS])
        yield ReportSection(title="Events near the onset", table=ReportTable(titles=("fit", "event", "why"), rows=rows))
    for cause in answer.causes[:1]:
        lines = (*cause.evidence, f"Action: {cause.action}", f"Owner: {cause.owner}", f"Done when: {cause.verify}")
        yield ReportSection(title=f"{cause.cause}, confidence {percent(cause.score)}", lines=lines)
    if answer.ruled_out:
        yield ReportSection(
            title="Ruled out", lines=tuple(f"{other.what}: {other.reason}" for other in answer.ruled_out[:_ROWS])
        )
    yield ReportSection(title="Open questions", lines=_open_questions(answer))
    checks = tuple(f"{check.status}: {check.check}: {check.detail}" for check in answer.data_quality)
    yield ReportSection(title="Data quality", lines=checks or ("All checks passed.",))
    yield _inputs(loads)
    sql = tuple(f"-- {name}\n{text};" for name, text in answer.queries.items())
    yield ReportSection(title="See it again", code=(command, *sql))


def _chart(detail: MetricDetail) -> DailyChart:
    answer, size = detail.explanation, 1.0
    if answer.unit not in {"ratio", "stars", "hours"} and not _is_mean(detail):
        size = float(len(answer.window))
    return DailyChart(
        label=f"{answer.metric} a day",
        days=detail.days,
        values=detail.values,
        window=answer.window,
        expected=answer.expected / size,
        low=answer.interval[0] / size,
        high=answer.interval[1] / size,
        onset=answer.onset.day,
        events=tuple((event.window.first, event.title) for event in detail.events),
    )


def _is_mean(detail: MetricDetail) -> bool:
    """Whether the metric of a window is a mean and no sum of its days: an average order value has the unit of money."""
    first, last = (day - detail.days.first for day in (detail.explanation.window.first, detail.explanation.window.last))
    inside = [value for value in detail.values[max(first, 0) : last + 1] if value == value]
    return bool(inside) and detail.explanation.actual <= max(inside) * 1.0001


def _drivers(answer: Explanation) -> ReportTable:
    rows = tuple(
        (
            driver.metric,
            f"{driver.expected:.4g}",
            f"{driver.actual:.4g}",
            change(driver.contribution, answer.unit),
            percent(driver.share),
        )
        for driver in answer.drivers
    )
    return ReportTable(titles=("step", "expected", "actual", "contribution", "share"), rows=rows)


def _segments(answer: Explanation) -> ReportTable:
    rows = tuple(
        (
            str(part.where) or "everything",
            figure(part.expected, answer.unit),
            figure(part.actual, answer.unit),
            change(part.change, answer.unit),
            percent(part.share),
            percent(part.confidence),
            p_value(part.p_value),
        )
        for part in answer.segments[:_ROWS]
    )
    return ReportTable(titles=("segment", "expected", "actual", "change", "share", "confidence", "p"), rows=rows)


def _open_questions(answer: Explanation) -> tuple[str, ...]:
    """What the data could not answer, and what an uncertain cause still needs."""
    doubtful = [cause for cause in answer.causes[:1] if cause.score < 0.9]
    return (*answer.notes, *(f"Settles the cause: {cause.verify}" for cause in doubtful)) or ("None.",)


def _inputs(loads: Sequence[Load]) -> ReportSection:
    rows = tuple(
        (load.path.rsplit("/", 1)[-1], load.kind, f"{load.accepted:,}", load.loaded_at[:10]) for load in loads[:_ROWS]
    )
    more = (f"And {len(loads) - _ROWS} more files.",) if len(loads) > _ROWS else ()
    return ReportSection(
        title="Inputs", table=ReportTable(titles=("file", "kind", "rows", "loaded"), rows=rows), lines=more
    )


def scorecard_document(scorecard: Scorecard) -> HandOff:
    """A scorecard that can be sent to the one whom it rates: what counts, why it moved, what would raise it."""
    low, high = scorecard.interval
    return HandOff(
        title=f"Scorecard of {scorecard.id}, {iso(scorecard.as_of)}",
        summary=(
            f"Grade {scorecard.grade}, score {scorecard.score:.0f} of 100 (95% range {low:.0f} to {high:.0f}).",
            *(line for card in scorecard.cards for line in _advice(card)),
            *scorecard.notes,
        ),
        sections=tuple(section for card in scorecard.cards for section in _card_sections(card)),
        data=scorecard.to_dict(),
    )


def _advice(card: ScoreCard) -> Iterator[str]:
    for step in card.path[:2]:
        yield f"As {card.rating.role}: to reach {step.target}, {step.text}."


def _card_sections(card: ScoreCard) -> Iterator[ReportSection]:
    rating, move = card.rating, card.movement
    rank = f", rank {rating.rank} of {rating.peers}" if rating.rank else ""
    market = f" in {rating.market}" if rating.market else ""
    rows = tuple(
        (
            part.name,
            f"{part.value:.2%}",
            f"{part.peer_value:.2%}",
            f"{part.bad} of {part.cases}",
            f"{part.points:.1f} of {part.weight:.0f}",
        )
        for part in rating.components
    )
    yield ReportSection(
        title=f"{rating.role}{market}: grade {rating.grade}{rank}",
        lines=(
            f"Score {rating.score:.1f}, {move.change:+.1f} since {iso(move.since)} ({move.grade_before} to {move.grade_after}).",
        ),
        table=ReportTable(titles=("component", "yours", "peers", "bad cases", "points"), rows=rows),
    )
    cases = tuple((iso(row.day), row.component, row.order_id, row.what) for row in card.cases[:_ROWS])
    if cases:
        yield ReportSection(
            title="Latest cases", table=ReportTable(titles=("day", "component", "order", "what"), rows=cases)
        )
