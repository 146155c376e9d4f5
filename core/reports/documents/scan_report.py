"""A scan as a report: how many findings, a table of them, and the next command."""

from collections.abc import Sequence

from core.base.count_text import count
from core.base.date_text import during
from core.base.days import Window
from core.catalogue.metric_tree.metrics import Catalogue
from core.detection.findings import Scan
from core.indexes.index_results import IndexValue
from core.reports.index_narrative import drop_lines
from core.reports.report import Report, Section
from core.reports.tables.finding_table import finding_table


def scan_report(
    result: Scan,
    catalogue: Catalogue,
    currency: str,
    *,
    due: Sequence[str] = (),
    drops: Sequence[IndexValue] = (),
    command_end: str = "",
    days: Window | None = None,
) -> Report:
    """What `scan` prints. `due`: sentences about due cases; `drops`: indexes that got worse; `command_end`: what a command needs
    to find the workspace; `days`: the range whose every day was asked about, None for one day."""
    finding_count = len({finding.id for finding in result.findings})
    looked = f"in {result.tested:,} series {during(days or Window(result.as_of, result.as_of))}"
    indexes = (Section(title="Indexes that got worse", items=drop_lines(drops)),) if drops else ()
    if not finding_count:
        return Report(title="", summary=(*due, f"No finding {looked}."), sections=indexes)
    units = {key: metric.figure_unit for key, metric in catalogue.metrics.items()}
    return Report(
        title="",
        summary=(*due, f"{count(finding_count, 'finding')} {looked}{', as each day saw them' if days else ''}:"),
        sections=(
            Section(table=finding_table(result.findings, units, currency, with_id=True, with_day=days is not None)),
            *indexes,
            Section(lines=(f"Next: whydrop explain {result.findings[0].id}{command_end}",)),
        ),
    )
