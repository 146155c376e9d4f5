"""A scan as a report: how many findings, a table of them, and the next command."""

from collections.abc import Sequence

from core.base.days import iso
from core.catalogue import Catalogue
from core.detection.findings import Finding, Scan
from core.indexes.index_results import IndexValue
from core.reports.finding_narrative import cause_words
from core.reports.index_narrative import drop_lines
from core.reports.number_format import change, count, figure, percent
from core.reports.report import Report, Section
from core.reports.table import Cell, Column, Row, Table

_FINDINGS = (
    Column("severity", "severity", "critical, major or minor, by what is lost"),
    Column("metric", "metric", "the factor nearest the cause", least=10),
    Column("where", "where", "the segment that explains it", least=10),
    Column("onset", "since", "the day on which it began", priority=2),
    Column("actual", "actual", "what came in the window", right=True, priority=5),
    Column("expected", "expected", "what was expected of it", right=True, priority=6),
    Column("change", "change", "actual versus expected", right=True, priority=3),
    Column("impact", "cost", "what it costs, in GMV where that can be said", right=True),
    Column("cause", "likely cause", "the cause that fits best", priority=1, least=24),
    Column("owner", "owner", "who can act on it", priority=4),
    Column("id", "id", "names the finding in other commands"),
)


def scan_report(
    result: Scan, catalogue: Catalogue, due: Sequence[str] = (), drops: Sequence[IndexValue] = (), command_end: str = ""
) -> Report:
    """What `scan` prints. `due`: sentences about due cases; `drops`: indexes that got worse; `command_end`: what a command needs
    to find the workspace."""
    found, day = len(result.findings), iso(result.as_of)
    looked = f"in {result.tested:,} series on {day}"
    indexes = (Section(title="Indexes that got worse", items=drop_lines(drops)),) if drops else ()
    if not found:
        return Report(title="", summary=(*due, f"No finding {looked}."), sections=indexes)
    return Report(
        title="",
        summary=(*due, f"{count(found, 'finding')} {looked}:"),
        sections=(
            Section(table=finding_table(result.findings, catalogue)),
            *indexes,
            Section(lines=(f"Next: whydrop explain {result.findings[0].id}{command_end}",)),
        ),
    )


def finding_table(findings: Sequence[Finding], catalogue: Catalogue) -> Table:
    """The findings, worst first."""
    rows = tuple(_row(finding, catalogue.metric(finding.metric).unit) for finding in findings)
    return Table("Findings", _FINDINGS, rows, name="findings", empty="no finding")


def _row(finding: Finding, unit: str) -> Row:
    severity = finding.severity if finding.kind == "drop" else f"{finding.severity}, {finding.kind}"
    moved = change(finding.change, unit) if finding.change_pct is None else percent(finding.change_pct, signed=True)
    cells = (
        Cell(f"▼ {severity}", finding.severity),
        Cell(finding.metric),
        Cell(str(finding.where) or "everything"),
        Cell(iso(finding.onset)),
        Cell(figure(finding.actual, unit), finding.actual),
        Cell(figure(finding.expected, unit), finding.expected),
        Cell(moved, finding.change),
        Cell(figure(finding.impact, finding.impact_unit), finding.impact),
        Cell(cause_words(finding.cause).partition(", or ")[0], finding.cause),
        Cell(finding.owner or "", finding.owner),
        Cell(finding.id),
    )
    return Row(finding.id, cells, finding)
