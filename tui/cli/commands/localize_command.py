"""The command that finds root-cause segments in any leaf table, without a workspace."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.cli import app
from tui.cli.options import command
from tui.cli.output import Format, Output

if TYPE_CHECKING:
    from core.localization.single_table.localize import Localization


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
    actual: Annotated[str, typer.Option(metavar="COL|NUM/DEN", help="What happened: a column, or a ratio of two.")],
    forecast: Annotated[str, typer.Option(metavar="COL|NUM/DEN", help="What was expected, in the same form.")],
    dimension: Annotated[
        list[str] | None,
        typer.Option(metavar="COL", help="Only this dimension (can be repeated); all other columns by default."),
    ] = None,
) -> None:
    """Which segments of a table explain its change, without a workspace."""
    from core.localization.single_table.csv_table import read
    from core.localization.single_table.localize import localize
    from core.reports.list_columns import SEGMENTS
    from core.reports.report import Report

    documents = [_document(path, localize(read(path, actual, forecast, tuple(dimension or ())))) for path in files]
    if out.format is Format.JSON and len(documents) == 1:
        out.report(Report(title=""), documents[0])
    elif out.format is Format.NDJSON:
        for document in documents:
            out.report(Report(title=""), document)
    elif out.format is Format.JSON:
        out.rows(documents, (), key="files")
    else:
        out.rows(_rows(documents), SEGMENTS, empty="No segment explains the change.")


def _document(path: Path, localization: "Localization") -> dict[str, Any]:
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
    return {"file": str(path), "segments": segments, "seconds": round(localization.seconds, 6)}


def _rows(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            **{key: segment[key] for key in segment if key != "where"},
            "file": document["file"],
            "segment": _named(segment["where"]),
        }
        for document in documents
        for segment in document["segments"]
    ]


def _named(where: dict[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in where.items()) or "everything"
