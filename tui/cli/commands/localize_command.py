"""The command that finds root-cause segments in any leaf table, without a workspace."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.cli import app
from tui.cli.options import command
from tui.cli.output import Format, Output

if TYPE_CHECKING:
    from core.localization.single_table.localize import Localization

_FIELDS = ("file", "segment", "actual", "forecast", "change", "confidence")
"""Columns of CSV."""


@command(
    app,
    "localize",
    "whydrop localize leaves.csv --actual real --forecast predict",
    "whydrop localize leaves.csv --actual orders/clicks --forecast planned/clicks",
)
def localize(
    out: Output,
    db: Path,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV: one row for each combination of values.")
    ],
    actual: Annotated[str, typer.Option(metavar="COL|NUM/DEN", help="The actual value: a column, or a ratio of two.")],
    forecast: Annotated[str, typer.Option(metavar="COL|NUM/DEN", help="The expected value, in the same form.")],
    dimension: Annotated[
        list[str] | None,
        typer.Option(metavar="COL", help="Only this dimension (can be repeated); all other columns by default."),
    ] = None,
) -> None:
    """Which segments of a table explain its change. Needs no workspace."""
    from core.localization.single_table.csv_table import read
    from core.localization.single_table.localize import localize
    from core.reports.report import Report, Section
    from core.reports.tables.localization_table import COLUMNS, localization_table

    localized = [(str(path), localize(read(path, actual, forecast, tuple(dimension or ())))) for path in files]
    documents = [_document(name, localization) for name, localization in localized]
    if out.format is Format.JSON and len(documents) > 1:
        out.rows(documents, (), key="files")
        return
    if out.format is Format.CSV or (out.is_text and out.fields):
        out.rows(_rows(documents), COLUMNS, names=_FIELDS)
        return
    report = Report(title="", sections=(Section(table=localization_table(localized)),))
    for document in documents if out.format is Format.NDJSON else documents[:1]:
        out.report(report, document)


def _document(name: str, localization: "Localization") -> dict[str, Any]:
    segments = [
        {
            "where": segment.where.to_dict(),
            "actual": segment.actual,
            "forecast": segment.forecast,
            "change": segment.change,
            "confidence": segment.confidence,
        }
        for segment in localization.segments
    ]
    return {"file": name, "segments": segments, "seconds": round(localization.seconds, 6)}


def _rows(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each segment."""
    return [
        {**segment, "file": document["file"], "segment": _named(segment["where"])}
        for document in documents
        for segment in document["segments"]
    ]


def _named(where: dict[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in where.items()) or "everything"
