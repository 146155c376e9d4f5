"""What the path of a file says of all its rows: the day, in its name or as a folder, and `country=DE` folders of data lakes."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import PurePath
from urllib.parse import unquote

from core.base.days import day_number
from core.ingest.headers.column_names import in_english
from core.ingest.headers.folding import folded, spaced
from core.ingest.headers.measure_names import is_calendar_name
from core.ingest.headers.word_lists import words_of
from core.ingest.values.dates import day_in_name, undated_name

_DAY_FOLDER = re.compile(r"(?:[A-Za-z]\w*=)?(20\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)")
_PARTS_OF_DAY = re.compile(
    r"(?<![^/])(?:y\w*=)?(20\d\d)/(?:m\w*=)?([01]?\d)/(?:d\w*=)?([0-3]?\d)(?=/)", re.IGNORECASE
)  # of `year=2026/month=06/shop=12` the last is no day
_PARTITION = re.compile(r"([A-Za-z]\w*)=([^/]*)")
_BLANK = "__HIVE_DEFAULT_PARTITION__"
"""What Hive and Spark write for a value that is not given."""


def day_in_path(path: str) -> int | None:
    """The day that the name of a file gives, else the nearest folder that is a day (days since 1970-01-01); of a member of an
    archive, else that of the archive.

    >>> day_in_path("lake/dt=2026-11-05/part-0.parquet") == day_in_path("2026/11/5/a.csv") == day_in_path("a_20261105.csv")
    True
    >>> day_in_path("all_2026-11-05.zip:a.csv") == day_in_path("all.zip:2026-11-05/a.csv") == day_in_path("a_20261105.csv")
    True
    >>> day_in_path("backup of 2026-11-05/a.csv")
    """
    archive, _, member = path.rpartition(":")
    return next((day for part in (member, archive) if (day := _day_in(PurePath(part))) is not None), None)


def _day_in(path: PurePath) -> int | None:
    if (named := day_in_name(path.name)) is not None:
        return named
    folders = [match.groups() for part in path.parts[-2::-1] if (match := _DAY_FOLDER.fullmatch(part))]
    for year, month, day in [*folders, *_PARTS_OF_DAY.findall(path.as_posix())[::-1]]:
        try:
            return day_number(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return None


def undated_path(path: str) -> str:
    """A path without the day in it: the same for exports of one report.

    >>> undated_path("out/2026-11-05/a.csv"), undated_path("out/a_20261105.csv"), undated_path("y=2026/m=11/d=05/a.csv")
    ('out//a.csv', 'out/a_.csv', '/a.csv')
    """
    archive, mark, member = path.rpartition(":")
    pure = PurePath(member)
    parts = ["" if _DAY_FOLDER.fullmatch(part) else part for part in pure.parts[:-1]]
    folders = _PARTS_OF_DAY.sub("", f"{'/'.join(parts)}/").removesuffix("/")
    return undated_name(archive) + mark + "/".join([folders, undated_name(pure.name)])


def partitions(path: str) -> Mapping[str, str]:
    """What folders such as `country=DE` say of the rows in them. Those of days, months and years are left out, since the rows
    have days, and those of runs and batches: a second run exports the same rows again. Signs are as Hive writes them (`%3A`).

    >>> partitions("lake/dt=2026-11-05/country=DE/part-0.parquet"), partitions("year=2026/month=6/shop=A%3A1/run=5/a.csv")
    ({'country': 'DE'}, {'shop': 'A:1'})
    """
    folders = PurePath(path.rpartition(":")[2]).parent.as_posix() + "/"
    folders = _PARTS_OF_DAY.sub("", "/".join(part for part in folders.split("/") if not _DAY_FOLDER.fullmatch(part)))
    found = [match.groups() for part in folders.split("/") if (match := _PARTITION.fullmatch(part))]
    return {key: "" if word == _BLANK else unquote(word) for key, word in found if _tells_rows(key, word)}


def _tells_rows(key: str, word: str) -> bool:
    """Whether a folder says of rows what neither their day does nor the run that wrote them."""
    is_part_of_date = is_calendar_name(key) and folded(in_english(key)) != "hour"
    return not (is_part_of_date or spaced(key) in words_of("export_runs") or _PERIOD.fullmatch(word))


_PERIOD = re.compile(r"20\d\d(?:[-_.][01]\d|[-_.]?[WQ]\d\d?)")
