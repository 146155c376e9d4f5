"""Commands that show what is there: series, metrics, indexes, events, config, and export it."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from core.base.errors import UsageError
from tui.cli import app
from tui.cli.completion import Baseline, By, Clock, Metric, Since, Where, Window_, days, index_keys, tables_and_findings
from tui.cli.completion import metrics as metric_keys
from tui.cli.options import DEFAULT_DB, command
from tui.cli.output import Output

_INDEX_KEYS = (
    "index", "where", "window", "actual", "interval", "n", "expected", "expected_interval", "change", "p_value", "is_drop",
)  # fmt: skip


@command(
    app,
    "series",
    "whydrop series gmv --by market --since 7d",
    "whydrop series refund_rate --where market=TH --from 2026-03-01 --to tuesday",
)
def series(
    out: Output,
    db: Path,
    metric: Metric,
    where: Where = "",
    by: By = None,
    from_: Annotated[
        str,
        typer.Option(
            "--from", "--since", metavar="DAY", help="First day: 2026-03-09, tuesday, 7d.", autocompletion=days
        ),
    ] = "",
    to: Annotated[str, typer.Option(metavar="DAY", help="Last day.", autocompletion=days)] = "",
    clock: Clock = "order",
    sql: Annotated[bool, typer.Option("--sql", help="Only print the SQL that gives the figures.")] = False,
) -> None:
    """A metric over time."""
    from core.reports.list_columns import series_columns
    from core.reports.tables.reading import sql_statements
    from core.views.metric_series import series as read_series
    from core.views.questions.question_words import read_clock, read_dimensions, read_segment, read_window
    from core.workspace.read.figure_sql import series_sql
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        first, last = (read_window(workspace, text) for text in (from_, to))
        window = workspace.window(first.first if first else None, last.last if last else None)
        segment, chosen = read_segment(workspace, where), read_clock(clock)
        sliced = tuple(read_dimensions(workspace, *by or ()))
        if sql:
            out.text(*sql_statements({metric: series_sql(workspace, metric, window, segment, sliced, chosen)}))
            return
        metric_series = read_series(workspace, metric, window, segment, sliced, chosen)
        columns = series_columns(metric_series.slices, metric_series.unit, workspace.currency)
    out.rows(metric_series.rows(), columns, {"metric": metric, "unit": metric_series.unit})


@command(app, "metrics", "whydrop metrics tree", "whydrop metrics show payment_rate")
def metrics(
    out: Output,
    db: Path,
    action: Annotated[str, typer.Argument(metavar="[tree|show]", help="Show the tree of metrics, or one metric.")] = "",
    key: Annotated[str, typer.Argument(metavar="[KEY]", help="The metric to show.", autocompletion=metric_keys)] = "",
) -> None:
    """The catalogue of metrics and indexes."""
    from core.catalogue.index_definitions import index_definitions
    from core.reports.documents.catalogue_report import catalogue_report, index_record, metric_record
    from core.reports.list_columns import FACTS, METRICS
    from core.views.known_metrics import catalogue_and_measures

    if action not in {"", "tree", "show"}:
        raise UsageError(
            f"no action {action!r}. Write: whydrop metrics, whydrop metrics tree, or whydrop metrics show KEY."
        )
    if action == "show" and not key:
        raise UsageError("which metric? Write: whydrop metrics show KEY.")
    catalogue, available = catalogue_and_measures(db)
    indexes = index_definitions()
    if action == "show" and key in indexes and key not in catalogue.metrics:
        rows = [index_record(indexes[key])]
    elif action == "show":
        rows = [metric_record(catalogue, catalogue.metric(key), available)]
    else:
        rows = [metric_record(catalogue, metric, available) for metric in catalogue.metrics.values()]
        rows += map(index_record, indexes.values())
    if action == "tree":
        names = [column.key for column in METRICS]
        out.report(catalogue_report(catalogue, available), {}, rows, names, key="metrics")
    elif action == "show" and out.is_text and not out.fields:
        titles = {column.key: column.title for column in METRICS}
        out.rows([{"field": titles.get(name, name), "value": value} for name, value in rows[0].items()], FACTS)
    else:
        out.rows(rows, METRICS, key="metrics")


@command(app, "index", "whydrop index", "whydrop index satisfaction_index --by market --window 2026-02-23..2026-03-01")
def index(
    out: Output,
    db: Path,
    keys: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INDEX]...", help="An index, such as buyers; all by default.", autocompletion=index_keys
        ),
    ] = None,
    window: Window_ = "",
    since: Since = "",
    baseline: Baseline = "expected",
    where: Where = "",
    by: Annotated[
        list[str] | None,
        typer.Option(metavar="DIM,DIM", help="A figure for each of these groups: market,channel or role."),
    ] = None,
) -> None:
    """Figures that cannot be summed, such as buyers. Also repeat purchases, sell-through, satisfaction."""
    from core.indexes.indexes import indexes
    from core.reports.documents.index_report import index_report
    from core.views.questions.question_words import read_baseline, read_dimensions, read_segment, window_or_since
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        result = indexes(
            workspace,
            keys or (),
            window=window_or_since(workspace, window, since),
            baseline=read_baseline(workspace, baseline),
            where=read_segment(workspace, where),
            by=read_dimensions(workspace, *by or ()),
        )
    document = result.to_dict()
    rows = [{key: row[key] for key in _INDEX_KEYS} for row in document["indexes"]]
    out.report(index_report(result), document, rows, _INDEX_KEYS)


@command(app, "events", "whydrop events", "whydrop events --from 2026-03-01 --fields starts_at,kind,title,where")
def events(
    out: Output,
    db: Path,
    from_: Annotated[
        str,
        typer.Option(
            "--from",
            "--since",
            metavar="DAY",
            help="Only events active on this day or later; without an end, a campaign lasts a week, others a day.",
            autocompletion=days,
        ),
    ] = "",
    to: Annotated[
        str, typer.Option(metavar="DAY", help="Only events that began by this day.", autocompletion=days)
    ] = "",
) -> None:
    """The change log: releases, campaigns, outages. `whydrop note` adds to it."""
    from core.reports.list_columns import EVENTS
    from core.views.questions.question_words import read_window
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        first, last = (read_window(workspace, text) for text in (from_, to))
        changes = workspace.events(first.first if first else None, last.last if last else None)
    out.rows([event.to_dict() for event in changes], EVENTS, key="events", empty="No events are known.")


@command(
    app,
    "note",
    'whydrop note "New checkout page" --on 2026-03-12 --where market=TH',
    'whydrop note "Carrier strike" --on yesterday --kind logistics',
)
def note(
    out: Output,
    db: Path,
    title: Annotated[str, typer.Argument(metavar="TEXT", help="What changed.")],
    on: Annotated[
        str, typer.Option("--on", metavar="DAY|A..B", help="The day; today by default.", autocompletion=days)
    ] = "",
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="release, policy, campaign, ranking, outage, ... (other).")
    ] = "other",
    owner: Annotated[str, typer.Option(metavar="NAME", help="The owner of the change.")] = "",
    where: Where = "",
) -> None:
    """Adds an event to the change log. Scan and explain consider it as a cause."""
    from core.base.days import Window, parse_day
    from core.reports.list_columns import EVENTS
    from core.views.change_note import add_note
    from core.views.questions.question_words import read_segment, read_window
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        segment = read_segment(workspace, where)
        today = parse_day(date.today().isoformat())
        window = read_window(workspace, on) or Window(today, today)
    event = add_note(db, title=title, window=window, kind=kind, owner=owner, where=segment)
    out.rows([event.to_dict()], EVENTS, key="events")
    out.note(f"added to the change log of {db}. whydrop loads lists it; whydrop loads undo N removes it.")


@command(app, "config", "whydrop config", "whydrop config --format json")
def config(out: Output, db: Path) -> None:
    """Every setting, its value and where it comes from."""
    from core.reports.list_columns import SETTINGS
    from core.views.configuration import configuration

    rows = [setting.to_dict() for setting in configuration(db, chosen=db != DEFAULT_DB)]
    out.rows(rows, SETTINGS, key="settings")


@command(app, "export", "whydrop export orders -o orders.parquet", "whydrop export daily -o daily.csv")
def export(
    out: Output,
    db: Path,
    what: Annotated[
        str,
        typer.Argument(
            metavar="TABLE|FINDING",
            help="A table, such as orders, or the id of a finding.",
            autocompletion=tables_and_findings,
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="FILE.csv, .tsv, .parquet, .json or .md.")
    ],
) -> None:
    """Writes a table or a finding as a file for other programs. Writes all of it or nothing."""
    from core.base.count_text import count
    from core.reports.writers.row_files import write_rows
    from core.workspace.read.table_export import TABLES, TableRows
    from tui.file_export import check_folder

    check_folder(output)
    if what in TABLES:
        table = TableRows(db, what)
        written = write_rows(output, table.columns, table.blocks())
        out.note(f"{output}: {count(written, 'row')} of {what}")
        return
    from core.incidents.finding_log import is_finding_id, recall
    from core.incidents.finding_question import explain_finding
    from core.reports.tables.explanation_tables import segments as segment_table
    from core.workspace.read.workspace import Workspace

    if not is_finding_id(what):
        raise UsageError(f"no table and no finding {what!r}. Tables: {', '.join(TABLES)}; whydrop scan lists findings.")
    with Workspace.open(db) as workspace:
        segments = segment_table(explain_finding(workspace, recall(workspace, what)))
    names = [column.key for column in segments.columns]
    rows = [list(record.values()) for record in segments.records()]
    out.note(f"{output}: {count(write_rows(output, names, [rows]), 'segment')} of finding {what}")
