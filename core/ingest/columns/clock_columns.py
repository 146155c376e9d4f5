"""Columns of cells such as `1:05:11`: times of day, or how long something took."""

import re

import pyarrow.compute as pc

from core.ingest.columns.column_profile import ColumnProfile, Role
from core.ingest.headers import folded
from core.ingest.headers.measure_names import is_rate_name

_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?( ?[ap]m)?", re.IGNORECASE)
_LENGTH = (
    r"^(\d+:\d\d:\d\d([.,]\d+)?"
    r"|(\d+ ?d(ays?)? ?)?(\d+ ?h(rs?|ours?)? ?)?(\d+ ?m(ins?|inutes?)? ?)?(\d+ ?s(ecs?|econds?)?)?)$"
)
_BEYOND_DAY = r"^(2[4-9]|[3-9]\d|\d{3,}):\d\d:\d\d"
_WITH_UNITS = r"^\d+ ?[dhms]"
_FEW = 20
_LENGTHS = (
    *("duration", "durasi", "dauer", "durée", "duración", "duração", "durata", "length", "respon", "wait", "rata-rata"),
    *("watch", "时长", "時長", "時間数", "시간수", "ระยะเวลา", "thời lượng", "длительность", "süre", "czas trwania"),
    *("talk", "hold", "handl", "spent", "elapsed", "total", "gesamt", "tempo total", "uptime", "downtime", "runtime"),
    *("waktu tayang", "hours worked", "arbeitszeit", "通話時間", "通话时", "ชั่วโมงรวม"),
)
"""Parts of the names of columns that hold how long something took."""


def is_clock(column: ColumnProfile) -> bool:
    """Whether a column holds a time of day, and no length of time."""
    cells = column.cells[:_FEW].to_pylist()
    if column.role is not Role.TEXT or len(cells) < 2 or not all(_CLOCK.fullmatch(cell) for cell in cells):
        return False
    return not is_rate_name(column.name) and not is_length(column) and not _is_called_length(column)


def is_length(column: ColumnProfile) -> bool:
    """Whether a column holds how long something took, in hours, minutes and seconds: some took longer than a day has hours, its
    name says so, or its cells have units.
    """
    if column.role is not Role.TEXT or not len(column.cells):
        return False
    if not pc.all(pc.match_substring_regex(column.cells, _LENGTH)).as_py():
        return False
    return (
        _is_called_length(column)
        or is_rate_name(column.name)
        or bool(pc.any(pc.match_substring_regex(column.cells, _BEYOND_DAY)).as_py())
        or bool(pc.all(pc.match_substring_regex(column.cells, _WITH_UNITS)).as_py())
    )


def _is_called_length(column: ColumnProfile) -> bool:
    plain = folded(column.name)
    return any(word in plain for word in _LENGTHS)
