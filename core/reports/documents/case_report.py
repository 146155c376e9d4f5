"""Cases as reports: a list, what is known of each, what came of one."""

from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from core.base.date_text import date_text
from core.base.days import Window, iso, parse_day
from core.catalogue.metric_names import metric_words
from core.reports.case_narrative import (
    baseline_lines,
    case_title,
    definition_lines,
    effect_range,
    judgement_lines,
    promise_lines,
    verdict_lines,
    verdict_words,
)
from core.reports.documents.report_inputs import Inputs, inputs_section, reproduce_section
from core.reports.list_columns import CASES
from core.reports.report import DailyChart, Report, Section
from core.reports.table import Table, table_of
from core.verification.case_results import Case, CaseVerdict

if TYPE_CHECKING:
    from core.views.case_actions import Judgement  # brings the statistics, which lists do not need


def case_table(cases: Sequence[Case]) -> Table:
    """All cases for people."""
    records = [
        {
            **{name: getattr(case, name) for name in ("id", "state", "metric", "owner", "action")},
            "where": str(case.where) or "everywhere",
            "expected": effect_range(case.expected),
            "judge_on": iso(case.judge_on) if case.judge_on is not None else "",
            "verdict": verdict_words(case),
        }
        for case in cases
    ]
    return table_of("Cases", CASES, records, "There are no cases yet. Open one with: whydrop case open FINDING")


def case_list_report(cases: Sequence[Case]) -> Report:
    """What `case list` prints."""
    return Report(title="", sections=(Section(table=case_table(cases)),))


def cases_report(cases: Sequence[Case], currency: str, definition: str | None = None) -> Report:
    """What `case show` prints of one or several cases. `definition` is that of the metric now."""
    first = cases[0]
    title = f"{first.id}, {first.state}: {case_title(first)}" if len(cases) == 1 else ""
    parts = tuple(section for case in cases for section in _case(case, definition, currency, titled=len(cases) > 1))
    return Report(
        title=title, summary=verdict_lines(first.verdict, currency) if title and first.verdict else (), sections=parts
    )


def case_hand_off(case: Case, definition: str | None, currency: str, inputs: Inputs) -> Report:
    """A case for others: what was agreed, what came of it day by day, and what it rests on."""
    report = cases_report([case], currency, definition)
    verdict = case.verdict
    chart = (Section(title="By day", chart=_chart(case, verdict)),) if verdict and verdict.series else ()
    return Report(
        title=report.title,
        summary=report.summary or (f"{case.action or 'No action is agreed'}; no verdict yet.",),
        sections=(*chart, *report.sections, inputs_section(inputs.loads), reproduce_section(inputs.command)),
        data=case.to_dict(),
    )


def _chart(case: Case, verdict: CaseVerdict) -> DailyChart:
    """The metric by day; the expected range is that of the days that are judged, without the action."""
    series = verdict.series
    judged = [row for row in series if row.day in verdict.window]
    return DailyChart(
        label=f"Daily {metric_words(case.metric)}; expected = without the action",
        days=Window(series[0].day, series[-1].day),
        values=tuple(row.actual for row in series),
        window=verdict.window,
        expected=fmean(row.counterfactual for row in judged),
        low=fmean(row.lo for row in judged),
        high=fmean(row.hi for row in judged),
        onset=case.since,
        events=(),
        unit=verdict.unit,
    )


def _case(case: Case, definition: str | None, currency: str, *, titled: bool) -> tuple[Section, ...]:
    title = f"{case.id}, {case.state}: {case_title(case)}" if titled else "Promise"
    agreed = (*promise_lines(case), *baseline_lines(case), *definition_lines(case, definition))
    sections = [Section(title=title, lines=agreed)]
    if titled and case.verdict:
        sections.append(Section(title="Verdict", lines=verdict_lines(case.verdict, currency)))
    if case.notes:
        notes = (f"{date_text(parse_day(note.at[:10]))}: {note.text}" for note in case.notes)
        sections.append(Section(title="Notes", items=tuple(notes)))
    if case.words:
        sections.append(Section(title="Finding", lines=tuple(case.words)))
    return tuple(sections)


def judgement_report(judgement: "Judgement") -> Report:
    """What `case verify` prints: the promise, what came of it, and the verification behind it."""
    from core.reports.documents.verification_report import verification_report

    answer, *others = (line for line in judgement_lines(judgement) if line)
    evidence = verification_report(judgement.result, judgement.currency)
    return Report(title=answer, summary=(*others, evidence.title, *evidence.summary), sections=evidence.sections)
