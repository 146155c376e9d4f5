"""Cells that are days or moments: a column of text at a time."""

import re
from collections.abc import Iterable
from datetime import date
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags, Ints
from core.base.days import day_number
from core.base.frozen import frozen
from core.base.time_zones import DAY_SECONDS, Markets, Zones
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.different_cells import rows_with
from core.ingest.headers.word_lists import words_of
from core.ingest.values.date_order import orders_seen
from core.ingest.values.moment_text import OTHER_CALENDARS, DateReading, day_or_none, read_moment
from core.ingest.values.timed_days import timed_days

# texts, which re compiles when titles stand above a table
_DAY_IN_TEXT = r"(?<!\d)(?:20\d{2}[-/.]?[01]\d[-/.]?[0-3]\d|\d{1,2}[-/.]\d{1,2}[-/.]20\d{2})(?!\d)"
_SHORT_SPAN = r"(?<![\d/])(\d{1,2}/\d{1,2}/\d{2}) ?[-–] ?(\d{1,2}/\d{1,2}/\d{2})(?![\d/])"
"""A period whose years have two digits."""
_TIME_IN_NAME = r"T?[0-2]\d[-.:]?[0-5]\d(?:[-.:]?[0-5]\d)?Z?|[ _-][0-2]\d[-.:_]?[0-5]\d[-.:_]?[0-5]\dZ?(?![-.]\d)"
"""When an export was made, behind the day: with seconds where a mark parts them, since shops have numbers of four digits."""
_IN_NAME = re.compile(rf"(?<!\d)(20\d{{2}})[-_.]?([01]\d)[-_.]?([0-3]\d)(?:{_TIME_IN_NAME})?(?!\d)")
_DOTTED_IN_NAME = re.compile(r"(?<![\d.])([0-3]\d)\.([01]\d)\.(?:20)?(\d\d)(?![\d.]*\d)")
_DAY_LENGTH = pa.scalar(10, pa.int32())  # pyarrow imports dateutil to find out a type: 3 ms of every small load
_SECONDS = pa.scalar(DAY_SECONDS, pa.int64())
_PLAIN = DateReading()
_OFFSET = r"[0-9](?:Z|z|[-+]\d{2}:?\d{2})$"
_LONGEST_OFFSET = len("0+07:00")
"""With the digit before it."""
_MAYBE_SPAN = r" \d{2}:\d{2}-\d{2}:\d{2}$"
"""What may be an offset, or a time and a later one: each cell decides."""


@frozen
class Times:
    """A column of moments: epoch seconds (UTC) where the cell gave an offset, else what a local clock showed, as if in UTC."""

    seconds: pa.Array
    """int64, null = not given."""
    absolute: Flags | None
    """Which cells gave an offset; None = none did."""
    dateless: Flags | None
    """Which cells are days without a time; None = unknown yet to be none."""
    bad: Flags | None


@frozen
class _Read(Times):
    """The same of cells that were read one by one: it is known of each what it is."""

    absolute: Flags
    dateless: Flags
    bad: Flags


def day_in_name(name: str) -> int | None:
    """The last day that a file's name gives (`..._20260724-20260730.xlsx`, `... 28.07.26.csv`), as days since 1970-01-01.

    >>> day_in_name("creator_weekly_20261005.csv") == day_in_name("creators_202610010000_202610052359.csv")
    True
    """
    result = None
    dotted = [(f"20{year}", month, day) for day, month, year in _DOTTED_IN_NAME.findall(name)]
    for year, month, day in _IN_NAME.findall(name) or dotted:
        try:
            result = day_number(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return result


def undated_name(name: str) -> str:
    """A file's name without the days in it, and their times: the same for exports of one report.

    >>> undated_name("creators_202610010000_202610052359.csv"), undated_name("Sales 28.07.26.csv")
    ('creators__.csv', 'Sales .csv')
    >>> undated_name("export_20260321_020113.csv"), undated_name("out-2026-03-21T02-01-13Z.csv"), undated_name("a_20260321_1234")
    ('export_.csv', 'out-.csv', 'a__1234')
    """
    return _DOTTED_IN_NAME.sub("", _IN_NAME.sub("", name))


def days_in_texts(cells: Iterable[str]) -> tuple[int, ...]:
    """The days that titles above a table give (`01/07/2026 - 31/07/2026`, `# 20150701-20170831`), ascending, day first
    where nothing says that the month is.

    A period in one cell, or in two side by side, comes before days that stand alone, and those before when a report was made.
    """
    result: list[int] = []
    texts = list(cells)
    for first, last in pairwise(texts):
        order = _order_of((first, last))
        ends = [day_or_none(end.strip(), order) for end in (first, last) if re.fullmatch(_DAY_IN_TEXT, end.strip())]
        if len(ends) == 2 and ends[0] is not None and ends[1] is not None and ends[0] < ends[1]:
            return ends[0], ends[1]
    for cell in texts:
        words = [word for span in re.findall(_SHORT_SPAN, cell) for word in span] or re.findall(_DAY_IN_TEXT, cell)
        days = sorted(day for word in words if (day := day_or_none(word, _order_of(words))) is not None)
        if len(days) > 1:
            return tuple(days)
        if days and not any(word in cell.casefold() for word in words_of("report_made")):
            result += days
    return tuple(sorted(result))


def are_iso(cells: pa.Array) -> bool:
    """Whether all cells are ISO days or moments."""
    try:
        return len(cells) > 0 and _iso_times(cells) is not None
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return False


def _order_of(words: Iterable[str]) -> DateReading:
    return DateReading(order="mdy" if orders_seen(words) == {"mdy"} else "dmy")


def times(text: pa.Array, reading: DateReading = _PLAIN) -> Times:
    """The moments of a column."""
    quick = _iso_times(text) if reading.number is None else None
    if quick is not None:
        return quick
    encoded = pc.dictionary_encode(text)
    found = _each(encoded.dictionary, reading)
    flags = (found.absolute, found.dateless, found.bad)
    absolute, dateless, bad = (rows_with(flag, encoded.indices) if flag.any() else None for flag in flags)
    return Times(found.seconds.take(encoded.indices), absolute, dateless, bad)


def _each(cells: pa.Array, reading: DateReading) -> _Read:
    """The moments of different cells. Each day that stands before a time of day is read once: of 131,000 orders with eight
    moments each, read one by one, a load takes 19 s instead of 3.
    """
    if reading.known or reading.number is not None:
        return _one_by_one(cells, reading)
    parts = timed_days(pc.utf8_trim_whitespace(cells))
    coded = pc.dictionary_encode(parts.days)
    days = _one_by_one(coded.dictionary, reading)
    absolute, dateless, bad = (rows_with(flag, coded.indices) for flag in (days.absolute, days.dateless, days.bad))
    seconds = pc.add(days.seconds.take(coded.indices), arrow_array(parts.seconds))
    return _Read(seconds, absolute | (parts.is_absolute & ~bad), dateless & ~parts.is_timed, bad)


def _one_by_one(cells: pa.Array, reading: DateReading) -> _Read:
    words = cells.to_pylist()
    seconds: list[int | None] = []
    flags = np.zeros((3, len(words)), bool)
    for position, word in enumerate(words):
        try:
            result = read_moment(word, reading)
        except ValueError:
            result, flags[2, position] = None, True
        seconds.append(result.seconds if result else None)
        if result:
            flags[:2, position] = result.is_absolute, result.is_day
    return _Read(pa.array(seconds, pa.int64()), *flags)


_UNMARKED = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")


def _iso_times(text: pa.Array) -> Times | None:
    """ISO moments, all or none of them with an offset, or such without marks; None when some cell is anything else."""
    if len(text) and text[0].is_valid and _UNMARKED.fullmatch(text[0].as_py()):
        text = pc.replace_substring_regex(text, f"^{_UNMARKED.pattern}$", r"\1-\2-\3T\4:\5:\6")
    ends = pc.unique(
        pc.binary_slice(text.cast(pa.binary()), -_LONGEST_OFFSET)
    )  # a pattern for every cell takes ten times as long
    offset = pc.match_substring_regex(ends, _OFFSET)
    some = pc.any(offset).as_py()
    if some and (not pc.all(offset).as_py() or _may_have_spans(text, ends)):
        return None
    seconds = _iso_seconds(text, "UTC" if some else None)
    if seconds is None or (pc.min(seconds).as_py() or 0) < _OLDEST:
        return None  # each cell decides whether its year is of another calendar
    dateless = pc.equal(pc.binary_length(text), _DAY_LENGTH)
    return Times(seconds, _bools(text.is_valid()) if some else None, _bools(dateless), None)


def _may_have_spans(text: pa.Array, ends: pa.Array) -> bool:
    is_behind = pc.any(pc.match_substring(ends, "-")).as_py()
    return bool(is_behind and pc.any(pc.match_substring_regex(text, _MAYBE_SPAN)).as_py())


def _iso_seconds(text: pa.Array, zone: str | None) -> pa.Array | None:
    """Seconds since 1970 of ISO moments, rounded down. None when some cell is anything else."""
    try:
        moments = pc.cast(text, pa.timestamp("us", zone))
    except pa.ArrowInvalid:
        return None
    try:
        seconds = pc.cast(moments, pa.timestamp("s", zone))
    except pa.ArrowInvalid:  # rounding down takes thirty times as long as finding that there is nothing to round
        seconds = pc.cast(pc.floor_temporal(moments, unit="second"), pa.timestamp("s", zone))
    return seconds.cast(pa.int64())


_OLDEST = DAY_SECONDS * day_number(date(OTHER_CALENDARS.stop, 1, 1))


def days(text: pa.Array, reading: DateReading = _PLAIN) -> tuple[pa.Array, Flags | None]:
    """Days since 1970-01-01 as int64, and which cells are none. The time of day, if any, is left out."""
    encoded = pc.dictionary_encode(text)
    result = times(encoded.dictionary, reading)
    whole = pc.cast(pc.floor(pc.divide(pc.cast(result.seconds, pa.float64()), _SECONDS)), pa.int64())
    return whole.take(encoded.indices), None if result.bad is None else rows_with(result.bad, encoded.indices)


def to_utc(result: Times, zones: Zones, markets: Markets, *, end_of_day: bool = False) -> pa.Array:
    """Epoch seconds (UTC) of moments; with `end_of_day`, a day without a time means its last second."""
    if zones.is_utc and not (end_of_day and result.dateless is not None and result.dateless.any()):
        return result.seconds
    seconds: Ints = result.seconds.fill_null(0).to_numpy().copy()
    if end_of_day and result.dateless is not None:
        seconds[result.dateless] += DAY_SECONDS - 1
    lead = zones.offsets_of_local(seconds, markets)
    if result.absolute is not None:
        lead[result.absolute] = 0
    return arrow_array(seconds - lead, ~_bools(result.seconds.is_valid()))


def local_days(moments: Ints, zones: Zones, markets: Markets) -> Ints:
    """The day of each moment (epoch seconds) on the clock of its market."""
    if zones.is_utc:
        return moments // DAY_SECONDS
    return (moments + zones.offsets_of_moments(moments, markets)) // DAY_SECONDS


def _bools(values: pa.Array) -> Flags:
    return values.fill_null(False).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
