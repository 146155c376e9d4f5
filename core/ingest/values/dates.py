"""Cells that are days or moments: a column of text at a time."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags, Ints
from core.base.time_zones import DAY_SECONDS, Markets, Zones
from core.ingest.request import DateOrder
from core.ingest.values.numbers import ABSENT

_TIME = (
    r"(?:[T ,/]+(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<zone>Z|z|UTC|GMT|[-+]\d{2}(?::?\d{2})?)?)?"
)
_SHAPES = tuple(
    re.compile(day + _TIME)
    for day in (
        r"(?P<y>\d{4})(?P<mark>[-/.])(?P<m>\d{1,2})(?P=mark)(?P<d>\d{1,2})",
        r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})",
        r"(?P<a>\d{1,2})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<y>\d{4}|\d{2})",
        r"(?P<name>[A-Za-z]{3,9})\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? (?P<y>\d{4})",
        r"(?P<d>\d{1,2})[- ](?P<name>[A-Za-z]{3,9})\.?[-, ]+(?P<y>\d{4})",
    )
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan",
            "feb peb",
            "mar",
            "apr",
            "may mei",
            "jun",
            "jul",
            "aug agu ags",
            "sep",
            "oct okt",
            "nov nop",
            "dec des",
        ),
        1,
    )
    for name in names.split()
}
_NUMERIC = _SHAPES[2]
_RANGE = re.compile(
    r"(\d{4}-\d{2}-\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d{4})\s*(?:-|–|~|to)\s*(\d{4}-\d{2}-\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d{4})"
)
_DAY_IN_TEXT = re.compile(r"(?<!\d)(?:20\d{2}[-/.]?[01]\d[-/.]?[0-3]\d|\d{1,2}[-/.]\d{1,2}[-/.]20\d{2})(?!\d)")
_IN_NAME = re.compile(r"(?<!\d)(20\d{2})[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)")
_CENTURY = 70
"""Two-digit years from here are 19xx, below 20xx."""
_OFFSET = r"[0-9](?:Z|z|[-+]\d{2}:?\d{2})$"


@dataclass(frozen=True, slots=True)
class Times:
    """A column of moments: epoch seconds (UTC) where the cell gave an offset, else what a local clock showed, as if in UTC."""

    seconds: pa.Array
    """int64, null = not given."""
    absolute: Flags | None
    """Which cells gave an offset; None = none did."""
    dateless: Flags | None
    """Which cells are days without a time; None = unknown yet to be none."""
    bad: Flags | None


def read_moment(text: str, order: DateOrder | None = None) -> tuple[int, bool, bool] | None:
    """Seconds, whether they are UTC (the cell has an offset), whether the cell is only a day; None where it says "none".

    >>> read_moment("4/11/18 04:53", "mdy") == (read_moment("2018-04-11T04:53")[0], False, False)
    True

    Raises ValueError when it is no moment, or its day and month could be either.
    """
    bare = text.strip()
    if bare.casefold() in ABSENT:
        return None
    span = _RANGE.fullmatch(bare)
    if span:
        bare = span[1]  # what is counted over several days belongs to the first of them
    found = next((match for shape in _SHAPES if (match := shape.fullmatch(bare))), None)
    if found is None:
        raise ValueError("not a date")
    part = found.groupdict()
    day = date(*_year_month_day(part, order))
    hour = int(part["h"] or 0)
    if part["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("not an hour")
        hour = hour % 12 + (12 if part["half"][0] in "Pp" else 0)
    moment = datetime(day.year, day.month, day.day, hour, int(part["min"] or 0), int(part["s"] or 0), tzinfo=UTC)
    seconds = int((moment - _zone(part["zone"])).timestamp())
    return seconds, part["zone"] is not None, part["h"] is None


def _year_month_day(part: dict[str, str | None], order: DateOrder | None) -> tuple[int, int, int]:
    year = int(part["y"] or 0)
    if year < 100:
        year += 1900 if year >= _CENTURY else 2000
    if part.get("name"):
        return year, _MONTHS[str(part["name"])[:3].casefold()], int(part["d"] or 0)
    if part.get("a") is None:
        return year, int(part["m"] or 0), int(part["d"] or 0)
    if order is None:
        raise ValueError("day or month first?")
    first, second = int(part["a"] or 0), int(part["b"] or 0)
    return (year, second, first) if order == "dmy" else (year, first, second)


def _zone(text: str | None) -> timedelta:
    if text is None or text in {"Z", "z", "UTC", "GMT"}:
        return timedelta()
    digits = text[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    timezone(ahead)  # refuses what is no offset
    return -ahead if text[0] == "-" else ahead


def orders_seen(cells: Iterable[str]) -> set[DateOrder]:
    """Which orders of day and month the cells rule in: one where some number is over 12, both where cells contradict
    each other, none where nothing decides.

    >>> orders_seen(["4/22/2018 6:00", "4/11/18 04:53"])
    {'mdy'}
    """
    seen: set[DateOrder] = set()
    for cell in cells:
        span = _RANGE.fullmatch(cell.strip())
        for bare in span.groups() if span else (cell.strip(),):
            found = _NUMERIC.fullmatch(bare)
            if found is None:
                continue
            if int(found["a"]) > 12:
                seen.add("dmy")
            if int(found["b"]) > 12:
                seen.add("mdy")
    return seen


def is_ambiguous(cell: str) -> bool:
    """Whether a cell is a date whose day and month could be swapped."""
    bare = cell.strip()
    span = _RANGE.fullmatch(bare)
    return bool(_NUMERIC.fullmatch(span[1] if span else bare))


def day_in_name(name: str) -> int | None:
    """The last day that a file's name gives (`..._20260724-20260730.xlsx`), as days since 1970-01-01.

    >>> day_in_name("creator_weekly_20261005.csv") == day_in_name("creators 2026-10-05.csv")
    True
    """
    found = None
    for match in _IN_NAME.finditer(name):
        try:
            found = date(*map(int, match.groups())).toordinal() - date(1970, 1, 1).toordinal()
        except ValueError:
            continue
    return found


def day_in_text(cells: Iterable[str]) -> int | None:
    """The last day of a period that some cell gives (`01/07/2026 - 31/07/2026`, `# 20150701-20170831`), day first."""
    for cell in cells:
        days = [found for word in _DAY_IN_TEXT.findall(cell) if (found := _day_or_none(word)) is not None]
        if days:
            return max(days)
    return None


def _day_or_none(word: str) -> int | None:
    try:
        found = read_moment(word, "dmy")
    except ValueError:
        return None
    return None if found is None else found[0] // DAY_SECONDS


def times(text: pa.Array, order: DateOrder | None = None) -> Times:
    """The moments of a column."""
    quick = _iso_times(text)
    if quick is not None:
        return quick
    encoded = pc.dictionary_encode(text)
    words = encoded.dictionary.to_pylist()
    seconds: list[int | None] = []
    flags = np.zeros((3, max(len(words), 1)), bool)
    for place, word in enumerate(words):
        try:
            found = read_moment(word, order)
        except (ValueError, KeyError, OverflowError):
            found, flags[2, place] = None, True
        seconds.append(found[0] if found else None)
        if found:
            flags[:2, place] = found[1:]
    codes = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)
    given = encoded.indices.is_valid().to_numpy(zero_copy_only=False)
    absolute, dateless, bad = (flag[codes] & given if flag.any() else None for flag in flags)
    return Times(pa.array(seconds, pa.int64()).take(encoded.indices), absolute, dateless, bad)


def _iso_times(text: pa.Array) -> Times | None:
    """ISO moments, all or none of them with an offset; None when some cell is anything else."""
    offset = pc.match_substring_regex(text, _OFFSET)
    dateless = pc.equal(pc.utf8_length(text), 10)
    some = pc.any(offset).as_py()
    if some and not pc.all(offset).as_py():
        return None
    try:
        found = pc.cast(text, pa.timestamp("us", "UTC" if some else None))
    except pa.ArrowInvalid:
        return None
    seconds = pc.cast(pc.floor_temporal(found, unit="second"), pa.timestamp("s", found.type.tz)).cast(pa.int64())
    return Times(seconds, _bools(offset) if some else None, _bools(dateless), None)


def days(text: pa.Array, order: DateOrder | None = None) -> tuple[pa.Array, Flags | None]:
    """Days since 1970-01-01 as int64, and which cells are none. The time of day, if any, is left out."""
    encoded = pc.dictionary_encode(text)
    found = times(encoded.dictionary, order)
    codes = encoded.indices
    whole = pc.cast(pc.floor(pc.divide(pc.cast(found.seconds, pa.float64()), DAY_SECONDS)), pa.int64())
    bad = None
    if found.bad is not None:
        bad = found.bad[codes.fill_null(0).to_numpy(zero_copy_only=False)] & _bools(codes.is_valid())
    return whole.take(codes), bad


def to_utc(found: Times, zones: Zones, markets: Markets, *, end_of_day: bool = False) -> pa.Array:
    """Epoch seconds (UTC) of moments; with `end_of_day`, a day without a time means its last second."""
    if zones.is_utc and not (end_of_day and found.dateless is not None and found.dateless.any()):
        return found.seconds
    seconds: Ints = found.seconds.fill_null(0).to_numpy().copy()
    if end_of_day and found.dateless is not None:
        seconds[found.dateless] += DAY_SECONDS - 1
    ahead = zones.offsets_of_local(seconds, markets)
    if found.absolute is not None:
        ahead[found.absolute] = 0
    return pa.array(seconds - ahead, mask=~_bools(found.seconds.is_valid()))


def local_days(moments: Ints, zones: Zones, markets: Markets) -> Ints:
    """The day of each moment (epoch seconds) on the clock of its market."""
    if zones.is_utc:
        return moments // DAY_SECONDS
    return (moments + zones.offsets_of_moments(moments, markets)) // DAY_SECONDS


def _bools(values: pa.Array) -> Flags:
    return values.fill_null(False).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
