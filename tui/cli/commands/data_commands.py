"""Commands that show what is there: series, metrics, indexes, events, config, and export it."""

from pathlib import Path
from typing import Annotated

import typer

from core.base.errors import UsageError
from tui.cli import app
from tui.cli.options import DEFAULT_DB, command
from tui.cli.output import Output

_INDEX_COLUMNS = (
    "index", "where", "window", "actual", "interval", "n", "expected", "expected_interval", "change", "p_value", "is_drop",
)  # fmt: skip


@command(app, "series")
def series(
    out: Output,
    db: Path,
    metric: Annotated[str, typer.Argument(help="A metric, such as gmv or refund_rate, or an index, such as buyers.")],
    where: Annotated[str, typer.Option(metavar="SEG", help="Only this segment: market=ID,channel=live.")] = "",
    by: Annotated[
        list[str] | None, typer.Option(metavar="DIM", help="One series for each value of this dimension.")
    ] = None,
    from_: Annotated[str, typer.Option("--from", metavar="DAY", help="First day.")] = "",
    to: Annotated[str, typer.Option(metavar="DAY", help="Last day.")] = "",
    clock: Annotated[
        str, typer.Option(help="Count what follows an order on the day of the order, or of the event.")
    ] = "order",
    sql: Annotated[
        bool, typer.Option("--sql", help="Print the SQL that gives the figures, and do nothing else.")
    ] = False,
) -> None:
    """A metric over time."""
    from core.base.days import parse_day
    from core.base.segment import Segment
    from core.views.metric_series import series as read_series
    from core.workspace.read.workspace import Workspace, clock_of

    with Workspace.open(db) as workspace:
        window = workspace.window(parse_day(from_) if from_ else None, parse_day(to) if to else None)
        segment, chosen = Segment.parse(where), clock_of(clock)
        if sql:
            for name, text in workspace.trace(metric, window, segment, chosen).items():
                typer.echo(f"-- {name}\n{text};")
            return
        metric_series = read_series(workspace, metric, window, segment, tuple(by or ()), chosen)
        out.rows(metric_series.rows(), ["day", *(by or ()), "value"], {"metric": metric, "unit": metric_series.unit})


@command(app, "metrics")
def metrics(
    out: Output,
    db: Path,
    action: Annotated[str, typer.Argument(metavar="[tree|show]", help="How they hang together, or one of them.")] = "",
    key: Annotated[str, typer.Argument(metavar="[KEY]", help="The metric to show.")] = "",
) -> None:
    """The catalogue of metrics and indexes."""
    from core.catalogue.index_definitions import index_definitions
    from core.workspace.read.workspace import catalogue_and_measures
    from tui.cli.text.catalogue_text import as_row, as_tree, index_row

    if action not in {"", "tree", "show"}:
        raise UsageError(
            f"no action {action!r}. Write: whydrop metrics, whydrop metrics tree, or whydrop metrics show KEY."
        )
    if action == "show" and not key:
        raise UsageError("which metric? Write: whydrop metrics show KEY.")
    catalogue, available = catalogue_and_measures(db)
    if action == "tree" and out.is_text:
        out.text(as_tree(catalogue, available))
        return
    indexes = index_definitions()
    if action == "show" and key in indexes and key not in catalogue.metrics:
        rows = [index_row(indexes[key])]
    elif action == "show":
        rows = [as_row(catalogue, catalogue.metric(key), available)]
    else:
        rows = [as_row(catalogue, metric, available) for metric in catalogue.metrics.values()]
        rows += map(index_row, indexes.values())
    columns = ["key", "name", "unit", "good", "formula", "parent", "mature_after_days", "computable"]
    if action == "show" and out.is_text:
        out.rows([{"field": name, "value": value} for name, value in rows[0].items()], ["field", "value"])
        return
    out.rows(rows, columns, key="metrics")


@command(app, "index")
def index(
    out: Output,
    db: Path,
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="[INDEX]...", help="Such as buyers or satisfaction_index; all by default."),
    ] = None,
    window: Annotated[
        str, typer.Option(metavar="A..B", help="The days; the newest complete week of each index by default.")
    ] = "",
    baseline: Annotated[
        str, typer.Option(metavar="expected|previous|last-year|A..B", help="What to compare with; as many days.")
    ] = "expected",
    where: Annotated[str, typer.Option(metavar="SEG", help="Only this segment: market=ID,channel=live.")] = "",
    by: Annotated[
        str, typer.Option(metavar="DIM,DIM", help="A figure for each of these groups: market,channel or role.")
    ] = "",
) -> None:
    """Figures that cannot be summed: buyers, repeat purchases, sell-through, satisfaction.

    whydrop index

    whydrop index satisfaction_index --by market --window 2026-02-23..2026-03-01
    """
    from core.base.days import Window
    from core.base.segment import Segment
    from core.indexes.indexes import indexes
    from core.reports.index_narrative import index_lines
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        result = indexes(
            workspace,
            keys or (),
            window=Window.parse(window) if window else None,
            baseline=baseline,
            where=Segment.parse(where),
            by=[name.strip() for name in by.split(",") if name.strip()],
        )
    document = result.to_dict()
    rows = [{key: row[key] for key in _INDEX_COLUMNS} for row in document["indexes"]]
    out.document(document, index_lines(result), rows)


@command(app, "events")
def events(
    out: Output,
    db: Path,
    from_: Annotated[str, typer.Option("--from", metavar="DAY", help="Only what was on at this day or later.")] = "",
    to: Annotated[str, typer.Option(metavar="DAY", help="Only what began by this day.")] = "",
) -> None:
    """The change log: releases, campaigns, outages."""
    from core.base.days import parse_day
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        changes = workspace.events(parse_day(from_) if from_ else None, parse_day(to) if to else None)
    rows = [event.to_dict() for event in changes]
    out.rows(rows, ["event_id", "starts_at", "ends_at", "kind", "title", "owner", "where"], key="events")


@command(app, "config")
def config(out: Output, db: Path) -> None:
    """Every setting, its value and where it comes from.

    whydrop config

    whydrop config --db shop.db --format json
    """
    from core.views.configuration import configuration

    rows = [setting.to_dict() for setting in configuration(db, chosen=db != DEFAULT_DB)]
    out.rows(rows, ["key", "value", "origin"], key="settings")


@command(app, "export")
def export(
    out: Output,
    db: Path,
    what: Annotated[
        str, typer.Argument(metavar="TABLE|FINDING", help="Such as orders or daily, or the id of a finding.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="FILE.csv, .parquet or .json.")],
) -> None:
    """A table of the workspace, or a finding, as a file for other programs.

    whydrop export orders -o orders.parquet

    whydrop export 5d3925d368 -o finding.json
    """
    from core.workspace.read.table_export import TABLES, TableRows
    from tui.table_file import write_table

    if what in TABLES:
        rows = write_table(output, TableRows(db, what))
        out.note(f"{output}: {rows:,} rows of {what}")
        return
    from core.incidents.finding_log import explain_finding, is_finding_id, recall
    from core.workspace.read.workspace import Workspace
    from tui.file_export import export as write_rows

    if not is_finding_id(what):
        raise UsageError(f"no table and no finding {what!r}. Tables: {', '.join(TABLES)}; whydrop scan lists findings.")
    with Workspace.open(db) as workspace:
        explanation = explain_finding(workspace, recall(workspace, what))
    names = ("segment", "actual", "expected", "change", "share", "confidence")
    cells = [
        (str(part.where), part.actual, part.expected, part.change, part.share, part.confidence)
        for part in explanation.segments
    ]
    write_rows(output, f"{explanation.metric} {explanation.window}", names, cells)
    out.note(f"{output}: {len(cells)} segments of finding {what}")
