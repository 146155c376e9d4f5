"""How the data came in: loads that replaced most of what was there, sources whose columns changed, rates that are added up."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from core.base.count_text import count
from core.base.date_text import date_range
from core.base.days import Window
from core.detection.quality.quality_issue import QualityIssue
from core.ingest.headers.column_names import english_names
from core.ingest.headers.measure_names import adds_up
from core.workspace.read.profile.load_history import LoadedFile, LoadHistory

_NO_LETTERS = re.compile(r"[\W\d_]+")
"""What differs in the names of the exports of one system: days and counters."""
_REPLACED = 0.5
"""Late data and corrections touch few of a file's rows; a load that replaced more than this was of other figures."""
_FEW_ROWS = 20
_NAMED = 3


def load_issues(history: LoadHistory, window: Window) -> Iterator[QualityIssue]:
    """All that the log of loads and the names of measures tell."""
    files = history.loaded_files()
    for file in files:
        if file.read >= _FEW_ROWS and file.replaced > _REPLACED * file.read:
            yield QualityIssue(
                "replaced_rows", "warn",
                f"{file.path} replaced {file.replaced:,} of its {file.read:,} rows with other figures: is it the same "
                "system and shop? whydrop loads undo removes it.",
                window, frozenset({file.kind}),
            )  # fmt: skip
    yield from _changed_columns(files, window)
    yield from _refused_days(history)
    summed = {numerator for _, numerator in history.daily_ratios()}
    measures = [name for name in history.daily_measures() if name not in summed]
    rates = [name for name in measures if not adds_up(name, name, ())]
    if rates:
        yield QualityIssue(
            "summed_rates", "warn",
            f"{', '.join(rates[:_NAMED])} of daily exports are called rates or averages, and added up. Load their files again.",
            window, measures=frozenset(rates),
        )  # fmt: skip


def _changed_columns(files: tuple[LoadedFile, ...], window: Window) -> Iterator[QualityIssue]:
    newest: dict[tuple[str, str], LoadedFile] = {}
    for file in files:
        series = file.source or _NO_LETTERS.sub("", Path(file.path).stem.casefold())
        if not series:
            continue
        before = newest.get((series, file.kind))
        newest[series, file.kind] = file
        if before is None or before.header == file.header:
            continue
        left = _columns(file.header)
        kept = {name for english, name in _columns(before.header).items() if english in left}
        gone = [name for name in dict.fromkeys(_columns(before.header).values()) if name not in kept]
        if gone:
            whose = f"exports of {file.source}" if file.source else "files of that name"
            yield QualityIssue(
                "changed_columns", "warn",
                f"{file.path} has no {', '.join(gone[:_NAMED])}, which earlier {whose} had.",
                window, frozenset({file.kind}),
            )  # fmt: skip


def _columns(header: str) -> dict[str, str]:
    """What the columns of a header are called in English -> in the file."""
    delimiter = max(",;\t|", key=header.count)
    return dict(english_names(next(csv.reader([header], delimiter=delimiter), [])))


def _refused_days(history: LoadHistory) -> Iterator[QualityIssue]:
    for path, rows, first, last in history.refused_far_days():
        days = date_range(Window(first, last))
        yield QualityIssue(
            "stray_days", "warn",
            f"{path}: {count(rows, 'row')} of {days} refused, more than a year from its other days. "
            "Correct the file, or load it with --allow-far-days.",
            Window(first, last),
        )  # fmt: skip
