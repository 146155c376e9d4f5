"""Writes what a screen shows to a file: all of it or nothing, and only where files may be written."""

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from core.base.errors import WhydropError
from core.base.file_paths import real_name
from core.reports.report import Report
from core.reports.writers.row_files import write_rows
from core.reports.writers.saved_file import save_text

SAVE_BELOW = "WHYDROP_SAVE_BELOW"
"""The variable that names the folder below which files may be written, where the screens are shown in a browser."""
REPORTS = frozenset({".html", ".md"})
"""Endings of files that hold a report; the others hold rows."""
_BLOCK = 10_000
"""Rows that are in memory at a time."""
Rows = Iterable[Sequence[Any]]


def export(path: Path, names: Sequence[str], rows: Rows) -> int:
    """Writes rows as the file's ending says: .csv, .tsv, .json, .md or .parquet; how many. A file is never half written.

    Raises UsageError for another ending, WhydropError when the file is there already or cannot be written.
    """
    check_folder(path)
    return write_rows(path, names, _blocks(rows))


def _blocks(rows: Rows) -> Iterator[list[Sequence[Any]]]:
    iterator = iter(rows)
    while block := list(islice(iterator, _BLOCK)):
        yield block


def write_text(path: Path, text: str) -> None:
    """Writes a file at once. Raises WhydropError when it is there already, cannot be written, or may not be written there."""
    check_folder(path)
    save_text(path, text)


def write_report(path: Path, reports: Sequence[Report]) -> None:
    """Writes reports as the file's ending says. Raises UsageError for another ending, and what `write_text` raises."""
    from core.reports.writers.report_files import writer_for  # late: brings the writers, which no first page needs

    write_text(path, writer_for(path.suffix)(reports))


def check_folder(path: Path) -> None:
    """Raises WhydropError for a path outside of the folder below which files may be written."""
    below = os.environ.get(SAVE_BELOW)
    if below and not Path(real_name(path)).is_relative_to(real_name(Path(below))):
        raise WhydropError(f"{path}: in a browser files are written below {below} only. Choose a name there.")
