"""Commands that bring data in: load, presets, inspect."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.base.errors import UsageError
from tui.cli import app
from tui.cli.completion import kinds_and_presets
from tui.cli.options import command
from tui.cli.output import Output

if TYPE_CHECKING:
    from core.ingest.inspection import Inspection
    from core.ingest.request import DateOrder, DecimalMark, Duplicates
    from core.workspace.write.load_report import LoadReport

Paths = Annotated[
    list[Path], typer.Argument(metavar="PATH...", help="Exports, folders of them, or - for standard input.")
]
Dimension = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Keep this column as a dimension to slice by.")
]
Rate = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Keep this measure out of totals: a rate, an average, a stock."),
]
As = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="KIND|PRESET",
        help="What the files are (see whydrop presets); by default, whydrop recognises them.",
        autocompletion=kinds_and_presets,
    ),
]
Map = Annotated[Path | None, typer.Option("--map", metavar="FILE.toml", help="A mapping file: which column is what.")]
DateOrderOption = Annotated[
    str, typer.Option("--date-order", metavar="dmy|mdy|ymd", help="Whether 03/04/05 is in April, in March, or in 2003.")
]
Source = Annotated[
    str, typer.Option(metavar="NAME", help="Where the rows come from, such as a shop; rows of other sources are kept.")
]
Decimal = Annotated[str, typer.Option(metavar=".|,", help="The decimal mark, if the figures do not show it.")]
LastDay = Annotated[str, typer.Option(metavar="DAY", help="The day, or the last day, of exports without dates.")]
EqualRows = Annotated[
    str, typer.Option(metavar="once|keep", help="Whether equal rows of one file count once (default) or each.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Report what would be loaded, and store nothing.")]
FarDays = Annotated[
    bool, typer.Option("--allow-far-days", help="Accept days more than a year from all others of their file.")
]
TempFolder = Annotated[
    Path | None,
    typer.Option("--temp-dir", metavar="FOLDER", help="For temporary rows; by default the folder of the workspace."),
]
Wait = Annotated[
    float | None, typer.Option(min=0, metavar="SECONDS", help="How long to wait for another load to end (15).")
]
Encoding = Annotated[str, typer.Option(metavar="NAME", help="Text encoding, if it is not recognised: cp1252, gbk.")]


@command(app, "load", "whydrop load exports/", "whydrop load orders.csv --as orders --source shop-1 --dry-run")
def load(
    out: Output,
    db: Path,
    paths: Paths,
    as_: As = "",
    map_: Map = None,
    source: Source = "",
    dimension: Dimension = None,
    rate: Rate = None,
    date_order: DateOrderOption = "",
    decimal: Decimal = "",
    encoding: Encoding = "",
    day: LastDay = "",
    duplicates: EqualRows = "once",
    dry_run: DryRun = False,
    allow_far_days: FarDays = False,
    temp_dir: TempFolder = None,
    wait: Wait = None,
) -> None:
    """Loads exports into the workspace."""
    from core.base.days import parse_day
    from core.workspace.write.load import load as load_exports
    from tui.cli.progress import said_when_stopped, shown_progress, shown_waiting

    with said_when_stopped(out, db), shown_progress(out) as progress:
        report = load_exports(
            db,
            paths,
            as_kind=as_ or None,
            mapping=map_,
            dimensions=tuple(dimension or ()),
            rates=tuple(rate or ()),
            dry_run=dry_run,
            progress=progress,
            date_order=_date_order(date_order),
            decimal=_decimal(decimal),
            encoding=encoding or None,
            day=parse_day(day) if day else None,
            source=source or None,
            duplicates=_duplicates(duplicates),
            allow_far_days=allow_far_days,
            temp_dir=temp_dir,
            wait=wait,
            on_wait=shown_waiting(out),
        )
    _end(out, db, report)


def _end(out: Output, db: Path, report: "LoadReport") -> None:
    """Shows what was loaded and what of it needs a word; exits with 1 where some file could not be."""
    _show(out, report)
    changed = {loaded.kind for loaded in report.files if loaded.accepted}
    if changed and not report.dry_run:
        from core.workspace.read.given_measures import shadowed_measures

        for note in shadowed_measures(db, changed):
            out.note(note)
    if report.refused:
        out.error(report.refused)
        raise typer.Exit(1)


def _show(out: Output, report: "LoadReport") -> None:
    from core.reports.list_columns import FILES
    from core.reports.load_narrative import load_notes

    files = [
        {**loaded.to_dict(), "added": loaded.added, "seconds": round(loaded.seconds, 3)} for loaded in report.files
    ]
    document = {
        "rejects": [reject.to_dict() for reject in report.rejects],
        "skipped": list(report.skipped),
        "dry_run": report.dry_run,
    }
    skipped, total = len(report.skipped), len(report.skipped) + len(files)
    if 2 * skipped > total:
        out.note(f"{skipped:,} of {total:,} files are skipped: the reasons are below")
    out.rows(files, FILES, document, key="files", names=[column.key for column in FILES])
    for note in load_notes(report.files):
        out.note(note)
    for line in report.skipped:
        out.note(f"skipped: {line}")
    if report.dry_run:
        out.note("dry run: nothing was stored.")


def _duplicates(text: str) -> "Duplicates":
    if text == "keep":
        return "keep"
    if text != "once":
        raise UsageError(f"{text!r} says nothing about equal rows. Use --duplicates once or --duplicates keep.")
    return "once"


def _decimal(text: str) -> "DecimalMark | None":
    if text == ",":
        return ","
    if text and text != ".":
        raise UsageError(f"no decimal mark {text!r}. It is . or ,")
    return "." if text else None


def _date_order(text: str) -> "DateOrder | None":
    if text == "dmy":
        return "dmy"
    if text == "ymd":
        return "ymd"
    if text and text != "mdy":
        raise UsageError(f"no date order {text!r}. It is dmy (day first), mdy (month first) or ymd (year first).")
    return "mdy" if text else None


@command(app, "presets", "whydrop presets", "whydrop presets tiktok-shop-orders")
def presets(
    out: Output,
    db: Path,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Show the columns of this one.")] = "",
) -> None:
    """The exports of known systems, and which columns are read."""
    from core.base.errors import did_you_mean
    from core.ingest.presets import presets as known_presets
    from core.reports.list_columns import PRESET_COLUMNS, PRESETS

    presets = known_presets()
    if not name:
        rows = [
            {"name": mapping.name, "kind": mapping.settings.kind.name, "recognised_by": " + ".join(mapping.shown_names)}
            for mapping in presets.values()
        ]
        out.rows(rows, PRESETS, key="presets")
        return
    if name not in presets:
        raise UsageError(f"no preset {name!r}.{did_you_mean(name, presets)} See them with: whydrop presets")
    columns = [
        {"becomes": entry.plan.target, "columns": list(entry.names), "needed": not entry.optional}
        for entry in presets[name].entries
    ]
    entries = [
        {**row, "columns": " | ".join(entry.names)} for row, entry in zip(columns, presets[name].entries, strict=True)
    ]
    document = {"name": name, "kind": presets[name].settings.kind.name}
    out.rows(entries if out.is_text else columns, PRESET_COLUMNS, document, key="columns")


@command(app, "inspect", "whydrop inspect orders.csv", "whydrop inspect orders.csv --as orders --format json")
def inspect(
    out: Output,
    db: Path,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, or - for standard input.")],
    as_: As = "",
    date_order: DateOrderOption = "",
    decimal: Decimal = "",
    encoding: Encoding = "",
    day: LastDay = "",
) -> None:
    """What a file is, and a mapping that loads it. Shows format, columns with samples, kind or preset."""
    from core.base.days import parse_day
    from core.ingest.formats.sources import sources
    from core.ingest.inspection import inspect as look_at
    from core.ingest.request import Request
    from core.workspace.write.files.loadable_exports import lookups_of_load

    request = Request(
        as_kind=as_ or None,
        date_order=_date_order(date_order),
        decimal=_decimal(decimal),
        encoding=encoding or None,
        day=parse_day(day) if day else None,
    )
    files = list(sources(path))
    lookups, words = lookups_of_load(files, request) if len(files) > 1 else ([], {})
    for source in files:
        for inspection in look_at(source, request, lookups):
            _write_inspection(out, inspection)
        if source in words:
            out.note(f"{source.name}: {words[source]}")


def _write_inspection(out: Output, inspection: "Inspection") -> None:
    from core.reports.list_columns import INSPECTED
    from core.reports.report import Report, Section
    from core.reports.table import table_of

    rows = [{**column.to_dict(), "samples": " | ".join(column.samples)} for column in inspection.columns]
    kind = inspection.kind or "not recognised"
    preset = f" (preset {inspection.preset})" if inspection.preset else ""
    details = ", ".join(f"{name} {value!r}" for name, value in inspection.details.items())
    mapping = Section(
        title="A mapping that loads it: save it as FILE.toml, correct it, load with --map FILE.toml",
        code=(inspection.mapping.rstrip(),),
    )
    report = Report(
        title=f"{inspection.path}: {kind}{preset}",
        summary=(f"{details}, header in row {inspection.header_row}",),
        sections=(Section(table=table_of("Columns", INSPECTED, rows)), *([mapping] if inspection.mapping else [])),
    )
    out.report(report, {**inspection.to_dict(), "left_out": list(inspection.left_out)}, rows)
    if not out.is_text:
        return
    for note in (inspection.why, *inspection.notes):
        if note:
            out.note(note)
    if inspection.kind and inspection.left_out and not any("not loaded: " in note for note in inspection.notes):
        out.note(f"not loaded: {', '.join(inspection.left_out)}")
