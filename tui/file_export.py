"""Writes what a screen shows to a file: all of it or nothing, and harmless to whatever opens it."""

import csv
import io
import json
import math
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from core.base.errors import UsageError, WhydropError
from core.reports.escaping import for_markdown, for_spreadsheet, for_terminal, in_json
from core.reports.saved_file import save_text

SAVE_BELOW = "WHYDROP_SAVE_BELOW"
"""The variable that names the folder below which files may be written, where the screens are shown in a browser."""
Rows = Iterable[Sequence[Any]]


def export(path: Path, title: str, names: Sequence[str], rows: Rows) -> None:
    """Writes rows as the file's ending says: .csv, .tsv, .json or .md; a file is never half written.

    Raises UsageError for another ending, WhydropError when the file is there already or cannot be written.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise UsageError(f"cannot tell a format from {path.name!r}. End the name with {', '.join(_WRITERS)}.")
    write_text(path, write(title, names, rows))


def write_text(path: Path, text: str) -> None:
    """Writes a file at once. Raises WhydropError when it is there already, cannot be written, or may not be written there."""
    check_folder(path)
    save_text(path, text)


def check_folder(path: Path) -> None:
    """Raises WhydropError for a path outside of the folder below which files may be written."""
    below = os.environ.get(SAVE_BELOW)
    if below and not path.absolute().resolve().is_relative_to(Path(below).resolve()):
        raise WhydropError(f"{path}: in a browser files are written below {below} only. Choose a name there.")


def _delimited(delimiter: str) -> Callable[[str, Sequence[str], Rows], str]:
    def write(_: str, names: Sequence[str], rows: Rows) -> str:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
        writer.writerow(map(for_spreadsheet, names))
        writer.writerows([for_spreadsheet(_text(cell)) for cell in row] for row in rows)
        return out.getvalue()

    return write


def _json(title: str, names: Sequence[str], rows: Rows) -> str:
    records = [{name: _finite(cell) for name, cell in zip(names, row, strict=True)} for row in rows]
    document = {"schema": "whydrop.screen/1", "title": title, "rows": records}
    return in_json(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)) + "\n"


def _markdown(title: str, names: Sequence[str], rows: Rows) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(for_markdown(for_terminal(cell)) for cell in cells) + " |"

    lines = [f"# {for_markdown(for_terminal(title))}", "", line(names), "|" + " --- |" * len(names)]
    return "\n".join([*lines, *(line([_text(cell) for cell in row]) for row in rows)]) + "\n"


def _text(cell: Any) -> str:
    if _finite(cell) is None:
        return ""
    return repr(cell) if isinstance(cell, float) else str(cell)


def _finite(cell: Any) -> Any:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


_WRITERS = {".csv": _delimited(","), ".tsv": _delimited("\t"), ".json": _json, ".md": _markdown}
