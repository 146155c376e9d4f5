"""The table of findings, one line an incident: for the Overview, for `scan`, and for reports."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.base.date_text import day_month
from core.base.days import iso
from core.detection.findings import Finding
from core.reports.finding_narrative import (
    cost_words,
    has_tested_causes,
    severity_words,
    short_cause,
    short_segment,
    what_words,
)
from core.reports.table import Cell, Column, Row, Table

_COLUMNS = (
    Column("severity", "severity", "critical, major or minor; ▼ the metric fell, ▲ it rose"),
    Column("what", "finding", "the metric, its expected and its actual value", least=36),
    Column("where", "where", "the segment with the change", priority=2, least=9, is_essential=True),
    Column("onset", "since", "first day of the incident", right=True, priority=3, is_essential=True),
    Column(
        "impact",
        "cost",
        "the cost so far: GMV where it can be computed, otherwise what is affected",
        right=True,
        priority=1,
        is_essential=True,
    ),
    Column(
        "cause",
        "likely cause",
        "the cause that fits best; Explain shows the evidence",
        priority=5,
        least=16,
        is_essential=True,
    ),
    Column("owner", "owner", "the team that can act on it", priority=4, is_essential=True),
)
_WRAPPED, _WITH_ID = 28, 18
"""Cells of the text where it takes two lines: next to a long segment or an id, segment and cost still fit 80 columns."""
_LONG = 16
"""Letters of a segment that is long."""
_ID = Column("id", "id", "its name in other commands")
_DAY = Column("as_of", "as of", "the day that saw it, knowing only the past", right=True)


def finding_table(
    findings: Sequence[Finding],
    units: Mapping[str, str],
    currency: str,
    *,
    with_id: bool = False,
    with_day: bool = False,
    note: str = "",
    empty: str = "no finding",
) -> Table:
    """The findings, in their order. `units`: metric -> unit; `with_id`: with the id that commands take; `with_day`: with the
    day that each was found on."""
    columns: tuple[Column, ...] = _COLUMNS
    if with_id:
        columns = (_COLUMNS[0], replace(_COLUMNS[1], least=_WITH_ID), *_COLUMNS[2:], _ID)
    elif any(len(str(finding.where)) > _LONG for finding in findings):
        columns = (_COLUMNS[0], replace(_COLUMNS[1], least=_WRAPPED), *_COLUMNS[2:])
    cells = [_cells(finding, units.get(finding.metric, ""), currency)[: len(columns)] for finding in findings]
    if with_day:
        columns = (_DAY, *columns)
        cells = [
            (Cell(day_month(item.as_of), iso(item.as_of)), *row) for item, row in zip(findings, cells, strict=True)
        ]
    rows = tuple(Row(finding.id, row, finding) for finding, row in zip(findings, cells, strict=True))
    return Table("Findings", columns, rows, note=note, name="findings", empty=empty)


def _cells(finding: Finding, unit: str, currency: str) -> tuple[Cell, ...]:
    tone = "dim" if finding.severity == "minor" else "bad"
    return (
        Cell(severity_words(finding), finding.severity, tone),
        Cell(what_words(finding, unit, currency), style="bold" if finding.severity != "minor" else ""),
        Cell(short_segment(finding.where, ", ") or "everywhere", str(finding.where)),
        Cell(day_month(finding.onset), iso(finding.onset)),
        Cell(cost_words(finding, currency), finding.impact, tone),
        Cell(short_cause(finding.cause) or _no_cause(finding), finding.cause or "", "" if finding.cause else "dim"),
        Cell(finding.owner or "", style="dim"),
        Cell(finding.id, style="dim"),
    )


def _no_cause(finding: Finding) -> str:
    if finding.data_doubt:
        return "check the data"
    return "none known" if has_tested_causes(finding) else "not tested"
