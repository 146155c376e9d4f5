"""Commands that find and explain drops: scan, explain, check."""

from pathlib import Path
from typing import Annotated

import typer

from core.base.errors import UsageError
from tui.cli import app
from tui.cli.options import command
from tui.cli.output import Output

_SEVERITIES = ("minor", "major", "critical")
_FOUND = 3
"""Exit status of `--fail-on` when there is such a finding."""


@command(app, "scan")
def scan(
    out: Output,
    db: Path,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DAY|A..B", help="Drops on at this day, or on each day of a range.")
    ] = "",
    metric: Annotated[list[str] | None, typer.Option(metavar="KEY", help="Only this metric (can be repeated).")] = None,
    by: Annotated[
        list[str] | None, typer.Option(metavar="DIM", help="Also look into each value of this dimension.")
    ] = None,
    where: Annotated[str, typer.Option(metavar="SEG", help="Only this segment: market=ID,channel=live.")] = "",
    fail_on: Annotated[
        str, typer.Option(metavar="SEVERITY", help="Exit with 3 when one is minor, major or critical.")
    ] = "",
) -> None:
    """Finds drops that are on, worst first."""
    from core.base.days import Window
    from core.base.segment import Segment
    from core.detection.scan import scan as find_drops
    from core.workspace.read.workspace import Workspace
    from tui.cli.text.finding_text import FINDING_COLUMNS, scan_text

    if fail_on and fail_on not in _SEVERITIES:
        raise UsageError(f"no severity {fail_on!r}. It is one of {', '.join(_SEVERITIES)}.")
    when: int | Window | None = None
    if as_of:
        window = Window.parse(as_of)
        when = window if ".." in as_of else window.first
    with Workspace.open(db) as workspace:
        found = find_drops(workspace, as_of=when, metrics=metric, by=by, where=Segment.parse(where))
        if out.is_text:
            out.text(*scan_text(found, workspace.catalogue))
        else:
            document = found.to_dict()
            rows = document.pop("findings")
            out.rows(rows, FINDING_COLUMNS, document, key="findings")
    for note in found.notes:
        out.note(note)
    if fail_on and any(_SEVERITIES.index(one.severity) >= _SEVERITIES.index(fail_on) for one in found.findings):
        raise typer.Exit(_FOUND)


@command(app, "explain")
def explain(
    out: Output,
    db: Path,
    metric: Annotated[str, typer.Argument(help="A metric, such as gmv or refund_rate.")],
    window: Annotated[
        str, typer.Option(metavar="A..B", help="The days to explain; without it, the drop that is on.")
    ] = "",
    baseline: Annotated[str, typer.Option(metavar="expected|previous|A..B", help="What to compare with.")] = "expected",
    where: Annotated[str, typer.Option(metavar="SEG", help="Only this segment: market=ID,channel=live.")] = "",
    clock: Annotated[
        str, typer.Option(help="Count what follows an order on the day of the order, or of the event.")
    ] = "order",
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL behind every figure as well.")] = False,
) -> None:
    """Why a metric dropped: where, through which step, and what to do."""
    from core.base.days import Window
    from core.base.segment import Segment
    from core.explanation.explain import explain as find_causes
    from core.workspace.read.workspace import Workspace, clock_of
    from tui.cli.text.finding_text import explanation_text

    with Workspace.open(db) as workspace:
        found = find_causes(
            workspace,
            metric,
            window=Window.parse(window) if window else None,
            baseline=baseline,
            where=Segment.parse(where),
            clock=clock_of(clock),
        )
    document = found.to_dict()
    rows = [{**one["where"], **{key: one[key] for key in one if key != "where"}} for one in document["segments"]]
    out.document(document, explanation_text(found, with_sql=sql), rows)
    for note in found.notes:
        out.note(note)


@command(app, "check")
def check(out: Output, db: Path) -> None:
    """Whether the data are whole and can be trusted."""
    from core.detection.quality.data_quality import check as run_checks
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        found = run_checks(workspace)
    rows = [one.to_dict() for one in found]
    out.rows(rows, ["status", "check", "detail"], key="checks")
