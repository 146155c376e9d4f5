"""How the data came in: loads that replaced most of what was there, sources whose columns changed, rates that are added up."""

import csv
from collections.abc import Iterator

from core.base.days import Window
from core.detection.quality.quality_issue import QualityIssue
from core.ingest.headers import is_rate_name
from core.workspace.read.row_profile import LoadedFile, Profile

_REPLACED = 0.5
"""Late data and corrections touch few of a file's rows; a load that replaced more than this was of other figures."""
_FEW_ROWS = 20
_NAMED = 3


def load_issues(profile: Profile, window: Window) -> Iterator[QualityIssue]:
    """All that the log of loads and the names of measures tell."""
    files = profile.loaded_files()
    for file in files:
        if file.read >= _FEW_ROWS and file.replaced > _REPLACED * file.read:
            yield QualityIssue(
                "replaced_rows", "warn",
                f"{file.path} replaced {file.replaced:,} of its {file.read:,} rows with other figures: is it the same "
                "system and shop? whydrop loads undo takes it back.",
                window, frozenset({file.kind}),
            )  # fmt: skip
    yield from _changed_columns(files, window)
    rates = [name for name in profile.daily_measures() if is_rate_name(name.replace("_", " "))]
    if rates:
        yield QualityIssue(
            "summed_rates", "warn",
            f"{', '.join(rates[:_NAMED])} of daily exports are called rates or averages, and added up. Load their files again.",
            window, measures=frozenset(rates),
        )  # fmt: skip


def _changed_columns(files: tuple[LoadedFile, ...], window: Window) -> Iterator[QualityIssue]:
    newest: dict[tuple[str, str], LoadedFile] = {}
    for file in files:
        if file.source is None:
            continue
        before = newest.get((file.source, file.kind))
        newest[file.source, file.kind] = file
        if before is None or before.header == file.header:
            continue
        gone = [name for name in _columns(before.header) if name not in _columns(file.header)]
        if gone:
            yield QualityIssue(
                "changed_columns", "warn",
                f"{file.path} has no {', '.join(gone[:_NAMED])}, which earlier exports of {file.source} had.",
                window, frozenset({file.kind}),
            )  # fmt: skip


def _columns(header: str) -> list[str]:
    delimiter = max(",;\t|", key=header.count)
    return next(csv.reader([header], delimiter=delimiter), [])
