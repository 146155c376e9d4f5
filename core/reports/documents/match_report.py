"""Matches as a report: the best ones with reasons, and what the settings cost."""

from core.base.count_text import count
from core.matching.match_results import Matches
from core.reports.report import Report, Section
from core.reports.tables.match_tables import cost_lines, match_table


def match_report(result: Matches, currency: str) -> Report:
    """What `match` prints."""
    table, remarks = match_table(result, currency), (*cost_lines(result, currency), *result.notes)
    return Report(
        title=f"{table.title}, likeliest first, of {count(result.considered, 'possible match', 'possible matches')}",
        sections=(Section(table=table), *([Section(lines=remarks)] if remarks else [])),
        data=result.to_dict(),
    )
