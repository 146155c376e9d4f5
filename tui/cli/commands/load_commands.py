"""Commands that bring data in: load, inspect."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.base.errors import UsageError
from tui.cli import app
from tui.cli.options import command
from tui.cli.output import Output

if TYPE_CHECKING:
    from core.ingest.inspection import Inspection
    from core.ingest.request import DateOrder, DecimalMark
    from core.workspace.write.load_report import FileLoad, LoadReport

Paths = Annotated[
    list[Path], typer.Argument(metavar="PATH...", help="Exports, folders of them, or - for standard input.")
]
Dimension = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Keep this column as a dimension to slice by.")
]
As = Annotated[str, typer.Option("--as", metavar="KIND|PRESET", help="What they are; without it they are recognised.")]
Map = Annotated[Path | None, typer.Option("--map", metavar="FILE.toml", help="How their columns map to a kind.")]
DateOrderOption = Annotated[
    str, typer.Option("--date-order", metavar="dmy|mdy", help="Whether 03/04 is in April or in March.")
]
Encoding = Annotated[str, typer.Option(help="How text is encoded, when it is not recognised: cp1252, utf-16.")]


@command(app, "load")
def load(
    out: Output,
    db: Path,
    paths: Paths,
    as_: As = "",
    map_: Map = None,
    dimension: Dimension = None,
    date_order: DateOrderOption = "",
    decimal: Annotated[
        str, typer.Option(metavar=".|,", help="What stands before decimals, where figures do not say.")
    ] = "",
    encoding: Encoding = "",
    day: Annotated[str, typer.Option(metavar="DAY", help="The day of exports that do not say it.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do all but keep nothing.")] = False,
    temp_dir: Annotated[
        Path | None,
        typer.Option("--temp-dir", metavar="FOLDER", help="For rows that wait; without it, the workspace's folder."),
    ] = None,
    wait: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="How long to wait for another load to end (15).")
    ] = None,
) -> None:
    """Loads exports into the workspace."""
    from core.base.days import parse_day
    from core.workspace.write.load import load as load_exports
    from tui.cli.progress import shown_progress, shown_waiting

    with shown_progress(out) as progress:
        report = load_exports(
            db,
            paths,
            as_kind=as_ or None,
            mapping=map_,
            dimensions=tuple(dimension or ()),
            dry_run=dry_run,
            progress=progress,
            date_order=_date_order(date_order),
            decimal=_decimal(decimal),
            encoding=encoding or None,
            day=parse_day(day) if day else None,
            temp_dir=temp_dir,
            wait=wait,
            on_wait=shown_waiting(out),
        )
    _show(out, report)


def _show(out: Output, report: "LoadReport") -> None:
    columns = ["path", "kind", "preset", "read", "accepted", "rejected", "unchanged", "replaced", "seconds"]
    files = [{**one.to_dict(), "seconds": round(one.seconds, 3)} for one in report.files]
    document = {
        "rejects": [one.to_dict() for one in report.rejects],
        "skipped": list(report.skipped),
        "dry_run": report.dry_run,
    }
    out.rows(files, columns, document, key="files")
    for one in report.files:
        for note in _notes(one):
            out.note(f"{one.path}: {note}")
    for reject in report.rejects if out.is_text else ():
        out.note(f"{reject.file}:{reject.line}: {reject.reason}")
    for line in report.skipped:
        out.note(f"skipped: {line}")
    if report.dry_run:
        out.note("dry run: nothing was kept.")


def _notes(one: "FileLoad") -> list[str]:
    refused = f"{one.rejected} of {one.read} rows were refused; see them with: whydrop rejects"
    return [*one.notes, *([refused] if one.rejected else [])]


def _decimal(text: str) -> "DecimalMark | None":
    if text == ",":
        return ","
    if text and text != ".":
        raise UsageError(f"no decimal mark {text!r}. It is . or ,")
    return "." if text else None


def _date_order(text: str) -> "DateOrder | None":
    if text == "dmy":
        return "dmy"
    if text and text != "mdy":
        raise UsageError(f"no date order {text!r}. It is dmy (day first) or mdy (month first).")
    return "mdy" if text else None


@command(app, "inspect")
def inspect(
    out: Output,
    db: Path,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, or - for standard input.")],
    as_: As = "",
    encoding: Encoding = "",
) -> None:
    """What a file is: format, columns with samples, recognised kind or preset, the start of a mapping."""
    from core.ingest.formats.sources import sources
    from core.ingest.inspection import inspect as look_at

    for source in sources(path):
        for found in look_at(source, as_ or None, encoding or None):
            _show_table(out, found)


def _show_table(out: Output, found: "Inspection") -> None:
    rows = [{**one.to_dict(), "samples": " | ".join(one.samples)} for one in found.columns]
    if not out.is_text:
        out.document(found.to_dict(), [], rows)
        return
    known = f"{found.kind}{f' (preset {found.preset})' if found.preset else ''}" if found.kind else "not recognised"
    details = ", ".join(f"{name} {value!r}" for name, value in found.details.items())
    out.text(f"{found.path}: {known}; {details}, header in row {found.header_row}", "")
    out.rows(rows, ["name", "type", "samples", "becomes"])
    for note in found.notes:
        out.note(f"{found.path}: {note}")
    if found.left_out:
        out.note(f"{found.path}: not loaded: {', '.join(found.left_out)}")
    if found.why:
        out.note(found.why)
    if found.mapping:
        out.text(
            "", "# a mapping that loads it so: save it as FILE.toml, mend it, load with --map FILE.toml", found.mapping
        )
