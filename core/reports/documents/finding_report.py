"""An explanation as a report: the answer, where, through which step, why, the data, and how to see it again."""

from collections.abc import Iterator

from core.base.count_text import count
from core.catalogue.metric_names import metric_words
from core.explanation.explanation_results import CauseMatch, Explanation
from core.reports.documents.report_inputs import Inputs, inputs_section, reproduce_section
from core.reports.finding_narrative import cause_words
from core.reports.list_columns import CHECKS
from core.reports.narrative import headline, step_line
from core.reports.report import DailyChart, Report, Section
from core.reports.table import table_of
from core.reports.tables.answer import Graded, answer_lines, is_nothing_to_explain
from core.reports.tables.cause_table import cause_table
from core.reports.tables.explanation_tables import dimensions, segments, steps
from core.reports.tables.reading import sql_statements
from core.views.metric_detail import MetricDetail
from core.views.step_tree import StepTree

_SURE = 0.9
"""From this confidence on, a cause needs no further test to be acted on."""


def explanation_report(
    answer: Explanation, tree: StepTree, currency: str, finding: Graded | None = None, *, with_sql: bool = False
) -> Report:
    """What `explain` prints; of a `finding` with its severity and what it costs."""
    queries = (Section(title="SQL", code=sql_statements(answer.queries)),) if with_sql else ()
    return Report(
        title=headline(answer, currency),
        summary=(*answer_lines(answer, finding, currency), *_steps(answer, tree)),
        sections=(*_doubts(answer), *_evidence(answer, tree, currency), *queries),
    )


def finding_report(detail: MetricDetail, inputs: Inputs, finding: Graded | None = None) -> Report:
    """A hand-off: what `explain` prints with its chart, open questions, inputs and commands. `finding`: with what it costs."""
    answer = detail.explanation
    return Report(
        title=headline(answer, detail.currency),
        summary=(*answer_lines(answer, finding, detail.currency), *_steps(answer, detail.steps)),
        sections=(
            Section(title="By day", chart=_chart(detail)),
            *_evidence(answer, detail.steps, detail.currency),
            Section(title="Open questions", items=_open_questions(answer)),
            _quality(answer),
            inputs_section(inputs.loads),
            reproduce_section(inputs.command, sql_statements(answer.queries)),
        ),
        data=answer.to_dict(),
    )


def _steps(answer: Explanation, tree: StepTree) -> tuple[str, ...]:
    return tuple(filter(None, [step_line(answer, tree.units)]))


def _doubts(answer: Explanation) -> Iterator[Section]:
    doubts = tuple(
        f"{check.status}: {check.check}: {check.detail}" for check in answer.data_quality if check.status != "pass"
    )
    if doubts:
        yield Section(title="Doubts about the data", items=doubts)


def _evidence(answer: Explanation, tree: StepTree, currency: str) -> Iterator[Section]:
    tables = (segments(answer, currency), steps(answer, tree, currency), dimensions(answer, currency))
    yield from (Section(title=table.title, table=table) for table in tables if table.rows)
    yield Section(title="Why", table=cause_table(answer))
    if not is_nothing_to_explain(answer):
        yield from map(_actions, answer.causes)


def _actions(cause: CauseMatch) -> Section:
    return Section(
        title=f"What to do: {cause_words(cause.cause)}",
        lines=(f"Do: {cause.action}", f"Owner: {cause.owner}", f"Done when: {cause.verify}"),
    )


def _open_questions(answer: Explanation) -> tuple[str, ...]:
    """What the data could not answer, and what an uncertain cause still needs."""
    doubtful = [cause for cause in answer.one_of_two or answer.causes[:1] if cause.score < _SURE]
    return (*answer.notes, *(f"To confirm the cause: {cause.verify}" for cause in doubtful)) or ("None.",)


def _quality(answer: Explanation) -> Section:
    doubts = [check.to_dict() for check in answer.data_quality if check.status != "pass"]
    passed = [check.check.replace("_", " ") for check in answer.data_quality if check.status == "pass"]
    lines = (f"{count(len(passed), 'check')} passed: {', '.join(passed)}.",) if passed else ()
    table = table_of("Data quality", CHECKS, doubts) if doubts else None
    return Section(title="Data quality", table=table, lines=lines or ("No check was run.",))


def _chart(detail: MetricDetail) -> DailyChart:
    answer = detail.explanation
    size = 1 if detail.is_ratio else len(answer.window)
    return DailyChart(
        label=f"Daily {metric_words(answer.metric)}",
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
