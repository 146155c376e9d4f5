"""An explanation as a report: the answer, where, through which step, why, the data, and how to see it again."""

from collections.abc import Iterator

from core.detection.findings import Finding
from core.explanation.explanation_results import CauseMatch, Explanation
from core.reports.documents.report_inputs import Inputs, inputs_section, reproduce_section
from core.reports.list_columns import CHECKS
from core.reports.narrative import LIKELY, headline, step_line
from core.reports.number_format import change, four_digits, percent
from core.reports.report import DailyChart, Report, Section
from core.reports.table import Column, Table, table_of
from core.reports.tables.answer import answer_lines
from core.reports.tables.explanation_tables import segments
from core.views.metric_detail import MetricDetail

_SURE = 0.9
"""From this confidence on, a cause needs no further test to be acted on."""

_STEPS = (
    Column("metric", "step", "a factor of the metric", least=12),
    Column("expected", "expected", "what was expected of it", right=True, priority=3),
    Column("actual", "actual", "what came", right=True, priority=2),
    Column("contribution", "contribution", "its part of the change; the parts add up to it", right=True),
    Column("share", "of change", "its part as a share", right=True, priority=1, unit="percent"),
)
_MIX = (
    Column("dimension", "dimension", "how the traffic is split", least=10),
    Column("mix", "mix effect", "from values whose share of the traffic changed", right=True),
    Column("rate", "rate effect", "from changes inside the values", right=True),
    Column("largest", "largest value", "the value with the largest contribution", priority=1, least=12),
)
_EVENTS = (
    Column("score", "fit", "how well it fits in time and scope", right=True, unit="percent"),
    Column("event", "event", "what happened", least=24),
    Column("reason", "why it fits", "in time and scope", priority=1, least=44),
)


def explanation_report(answer: Explanation, *, with_sql: bool = False) -> Report:
    """What `explain` prints."""
    queries = (Section(title="SQL", code=_sql(answer)),) if with_sql else ()
    return Report(
        title=headline(answer),
        summary=(*answer_lines(answer), step_line(answer)),
        sections=(*_doubts(answer), *_evidence(answer), *queries),
    )


def finding_report(detail: MetricDetail, inputs: Inputs, finding: Finding | None = None) -> Report:
    """A hand-off: what `explain` prints with its chart, open questions, inputs and commands. `finding`: with what it costs."""
    answer = detail.explanation
    return Report(
        title=headline(answer),
        summary=(*answer_lines(answer, finding), step_line(answer)),
        sections=(
            Section(title="By day", chart=_chart(detail)),
            *_evidence(answer),
            Section(title="Open questions", items=_open_questions(answer)),
            _quality(answer),
            inputs_section(inputs.loads),
            reproduce_section(inputs.command, _sql(answer)),
        ),
        data=answer.to_dict(),
    )


def _doubts(answer: Explanation) -> Iterator[Section]:
    doubts = tuple(
        f"{check.status}: {check.check}: {check.detail}" for check in answer.data_quality if check.status != "pass"
    )
    if doubts:
        yield Section(title="Doubts about the data", items=doubts)


def _evidence(answer: Explanation) -> Iterator[Section]:
    if answer.segments:
        yield Section(title="Where", table=segments(answer))
    if len(answer.drivers) > 1:
        yield Section(title="Contribution of each step", table=_step_table(answer))
    if answer.mix:
        yield Section(title="Mix effect and rate effect", table=_mix_table(answer))
    for cause in answer.causes:
        yield _cause(cause)
    if answer.events:
        records = [
            {"score": event.score, "event": f"{event.event_id} {event.title}", "reason": event.reason}
            for event in answer.events
        ]
        yield Section(title="Events near the onset", table=table_of("Events", _EVENTS, records))
    if answer.ruled_out:
        yield Section(title="Ruled out", items=tuple(f"{other.what}: {other.reason}" for other in answer.ruled_out))


def _sql(answer: Explanation) -> tuple[str, ...]:
    return tuple(f"-- {name}\n{text};" for name, text in answer.queries.items())


def _cause(cause: CauseMatch) -> Section:
    label = "Likely cause" if cause.score >= LIKELY else "Less likely cause"
    return Section(
        title=f"{label}: {cause.cause} (confidence {percent(cause.score)})",
        lines=(f"Do: {cause.action}", f"Owner: {cause.owner}", f"Done when: {cause.verify}"),
        items=cause.evidence,
    )


def _step_table(answer: Explanation) -> Table:
    records = [
        {
            **part.to_dict(),
            "expected": four_digits(part.expected),
            "actual": four_digits(part.actual),
            "contribution": change(part.contribution, answer.unit),
        }
        for part in answer.drivers
    ]
    return table_of("Contribution of each step", _STEPS, records)


def _mix_table(answer: Explanation) -> Table:
    records = []
    for part in answer.mix:
        top = max(part.values, key=lambda value: abs(value.mix + value.rate), default=None)
        largest = f"{top.value or '(not given)'} {change(top.mix + top.rate, answer.unit)}" if top else ""
        mix, rate = (change(effect, answer.unit) for effect in (part.mix, part.rate))
        records.append({"dimension": part.dimension, "mix": mix, "rate": rate, "largest": largest})
    return table_of("Mix effect and rate effect", _MIX, records)


def _open_questions(answer: Explanation) -> tuple[str, ...]:
    """What the data could not answer, and what an uncertain cause still needs."""
    doubtful = [cause for cause in answer.causes[:1] if cause.score < _SURE]
    return (*answer.notes, *(f"Settles the cause: {cause.verify}" for cause in doubtful)) or ("None.",)


def _quality(answer: Explanation) -> Section:
    doubts = [check.to_dict() for check in answer.data_quality if check.status != "pass"]
    passed = [check.check for check in answer.data_quality if check.status == "pass"]
    lines = (f"Passed: {', '.join(passed)}.",) if passed else ()
    table = table_of("Data quality", CHECKS, doubts) if doubts else None
    return Section(title="Data quality", table=table, lines=lines or ("Nothing was checked.",))


def _chart(detail: MetricDetail) -> DailyChart:
    answer = detail.explanation
    size = 1 if detail.is_ratio else len(answer.window)
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
        unit=answer.unit,
    )
