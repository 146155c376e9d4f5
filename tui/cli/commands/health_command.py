"""The command about the health of the marketplace."""

from pathlib import Path

from tui.cli import app
from tui.cli.completion import AsOf, Where
from tui.cli.options import command
from tui.cli.output import Output


@command(app, "health", "whydrop health", "whydrop health --where market=TH --as-of 2026-03-15")
def health(out: Output, db: Path, as_of: AsOf = "", where: Where = "") -> None:
    """Whether the marketplace is healthy, over four weeks. Covers concentration, mobility, newcomers, fairness and risk.

    Incidents of days are found by `whydrop scan`.
    """
    from core.ecosystem.health import health as health_of
    from core.reports.documents.health.health_records import health_records
    from core.reports.documents.health.health_report import health_report
    from core.views.questions.question_words import read_day, read_segment
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        result = health_of(workspace, read_day(workspace, as_of), read_segment(workspace, where))
        currency = workspace.currency
    out.report(health_report(result, currency), result.to_dict(), health_records(result))
    for line in result.notes:
        out.note(line)
