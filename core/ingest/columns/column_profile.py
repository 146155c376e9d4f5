"""What each column of a table holds, by its cells: the one judgement that `inspect` shows and `load` acts on."""

import re
from collections.abc import Mapping, Sequence
from enum import Enum

import pyarrow as pa
import pyarrow.compute as pc

from core.base.frozen import frozen
from core.ingest.formats.batch import Records, TextBatch
from core.ingest.formats.different_cells import any_match
from core.ingest.headers.folding import folded, spaced
from core.ingest.headers.id_names import is_id_name
from core.ingest.headers.name_parts import NameParts
from core.ingest.headers.word_lists import words_of
from core.ingest.values.date_columns import is_date
from core.ingest.values.numbers import is_number, unit_of
from core.ingest.values.periods import are_without_year, bare_weeks, follow_each_other, is_period, period_start, week_of
from core.ingest.values.placeholders import ABSENT, YEAR_ZERO
from core.ingest.values.worded_days import in_plain_signs

_JUDGED = 200
"""So many different cells of a column are judged one by one, spread over all of them."""
_FEW_JUDGED = 6
"""With neither a figure nor a date among twice as many, a column has no 80 % of them."""
_FIGURES = 0.9
_DATES = 0.8
"""So many of the cells make a column one of figures, or of dates: a stray one is a row to refuse."""
_FEW = 2
_SAME = 10
_PLAIN = r"^-?\d+\.(\d{1,2}|\d{4,})$"
_RUNS = 1.1
"""Runs of equal days for each day, at most, in a table that is sorted by them: of several orders of one moment, some are late."""
_HUNDREDS = r"^[^\d.,]*[1-9]\d\d[^\d.,]*$"
_LONG_TEXT = 60
"""Cells longer than this on average are remarks, which tell no slice."""


class Role(Enum):
    """What the cells of a column are."""

    BLANK = "blank"
    DATE = "date"
    NUMBER = "number"
    PERCENT = "percent"
    """Figures with a percent sign."""
    TEXT = "text"


@frozen(kw_only=True)
class ColumnProfile:
    """One column of a table."""

    name: str
    role: Role
    cells: pa.Array
    """Its different cells, in the order of the file, blank ones left out; of a long file those of its beginning."""
    filled: int
    """How many rows have a cell."""
    rows: int
    column: pa.Array
    """The cells of all those rows."""
    unit: str | None = None
    """What stands behind each figure (`12 kg`); `cells` are without it."""

    @property
    def comes_in_runs(self) -> bool:
        """Whether rows of one day stand together: a table is sorted by this column of days."""
        days = days_as_written(self.column.drop_null())
        return bool(len(days)) and len(pc.run_end_encode(days).values) <= _RUNS * len(pc.unique(days))

    @property
    def day_count(self) -> int:
        """How many different days a column of days has, as it writes them."""
        return len(pc.unique(days_as_written(self.cells)))

    @property
    def samples(self) -> tuple[str, ...]:
        """Three different cells."""
        return tuple(self.cells[:3].to_pylist())

    @property
    def is_figure(self) -> bool:
        """Whether it holds figures."""
        return self.role in {Role.NUMBER, Role.PERCENT}

    @property
    def has_fractions(self) -> bool:
        """Whether it holds amounts: figures of which some have a mark inside."""
        return self.is_figure and any_match(self.cells, r"\d[.,]\d")

    @property
    def is_remark(self) -> bool:
        """Whether it holds long texts or addresses, which differ in every row."""
        lengths = pc.mean(pc.utf8_length(self.cells)).as_py() or 0
        first = self.cells[0].as_py() if len(self.cells) else ""
        return lengths > _LONG_TEXT or first.startswith(("http://", "https://"))

    def marked(self) -> list[str]:
        """The different cells that have a point or a comma; of those that are plain decimals the first only."""
        has_mark = pc.or_(pc.match_substring(self.cells, "."), pc.match_substring(self.cells, ","))
        cells = self.cells.filter(has_mark)
        is_plain = pc.match_substring_regex(cells, _PLAIN)
        result: list[str] = [*cells.filter(is_plain)[:1].to_pylist(), *cells.filter(pc.invert(is_plain)).to_pylist()]
        return result

    def hundreds(self) -> int:
        """How many of the different cells are whole numbers of three digits."""
        result: int | None = pc.sum(pc.match_substring_regex(self.cells, _HUNDREDS)).as_py()
        return result or 0

    def different(self) -> list[str]:
        """The different cells."""
        result: list[str] = self.cells.to_pylist()
        return result


Columns = Mapping[str, ColumnProfile]
"""The columns of a table, by their names, in their order."""


def first_texts(records: Records, names: Sequence[str]) -> TextBatch | None:
    """The beginning of a table, the whole of most; None when it has no records."""
    return next(iter(records.texts(names)), None)


def profiles(texts: TextBatch | None, names: Sequence[str]) -> dict[str, ColumnProfile]:
    """Every column of a table, by its beginning."""
    if texts is None:
        blank = pa.array([], pa.string())
        return {
            name: ColumnProfile(name=name, role=Role.BLANK, cells=blank, filled=0, rows=0, column=blank)
            for name in names
        }
    return {name: _profile(name, column) for name, column in texts.columns.items()}


def _profile(name: str, column: pa.Array) -> ColumnProfile:
    try:
        different = pc.unique(column.drop_null())
        trimmed = pc.utf8_trim_whitespace(different)
        absent = pc.is_in(pc.utf8_lower(trimmed), pa.array(sorted(ABSENT), pa.string()))
        cells = trimmed.filter(pc.invert(absent))
        role = _role(name, cells)
        # four zeros are asked for first, which takes a quarter of the time
        if role is not Role.DATE and pc.any(pc.match_substring(cells, "0000")).as_py():
            days = cells.filter(pc.invert(pc.match_substring_regex(cells, YEAR_ZERO)))
            cells, role = (days, Role.DATE) if _role(name, days) is Role.DATE else (cells, role)
        if role is Role.TEXT and _is_long_enough(cells, column) and pc.sum(pc.equal(column, column[0])).as_py() == 1:
            below = _role(name, cells[1:])  # the first row may say the units, or what the columns are
            role = below if below is not Role.TEXT else role
        unit = unit_of(cells[:_JUDGED].to_pylist()) if role is Role.TEXT else None
        if unit is not None and pc.all(pc.ends_with(cells, unit)).as_py():
            cells, role = (
                pc.utf8_rtrim_whitespace(pc.replace_substring_regex(cells, f"{re.escape(unit)}$", "")),
                Role.NUMBER,
            )
        else:
            unit = None
    except (pa.ArrowInvalid, UnicodeDecodeError):
        cells, role, unit = pa.array([], pa.string()), Role.TEXT, None
    return ColumnProfile(
        name=name,
        role=role,
        cells=cells,
        filled=len(column) - column.null_count,
        rows=len(column),
        unit=unit,
        column=column,
    )


def _is_long_enough(cells: pa.Array, column: pa.Array) -> bool:
    """Whether the cells below the first say what a column holds: several, or one in many rows."""
    return len(cells) > _FEW or (len(cells) > 1 and len(column) - column.null_count > _SAME)


def days_as_written(cells: pa.Array) -> pa.Array:
    """The days of cells: what stands before a time of day."""
    days = moments_as_read(pc.utf8_trim_whitespace(cells))
    is_timed = pc.any(pc.match_substring(days, ":")).as_py()
    return pc.replace_substring_regex(days, r"[T ,]*\d{1,2}:\d\d.*$", "") if is_timed else days


def moments_as_read(cells: pa.Array) -> pa.Array:
    """Cells whose times of day have a colon, where the first that is filled has one only as it is read.

    >>> moments_as_read(pa.array([None, "20260701101112"])).to_pylist()
    [None, '20260701T10:11:12']
    """
    first = next((cell.as_py() for cell in cells if cell.as_py()), "")
    if in_plain_signs(first).count(":") == first.count(":"):
        return cells
    coded = pc.dictionary_encode(cells)
    plain = [cell and in_plain_signs(cell) for cell in coded.dictionary.to_pylist()]
    return pa.array(plain, pa.string()).take(coded.indices)


def _role(name: str, cells: pa.Array) -> Role:
    if not len(cells):
        return Role.BLANK
    is_named = is_day_name(name)
    if (are_without_year if is_named else follow_each_other)(_spread(cells, _JUDGED)):
        return Role.DATE
    weeks = _spread(cells, _JUDGED) if is_week_name(name) else []
    if weeks and (all(week_of(f"KW {cell}") for cell in weeks) or bare_weeks(weeks) is not None):
        return Role.DATE
    few = [*_spread(cells, _FEW_JUDGED), *_spread(cells[1:], _FEW_JUDGED)]  # neighbours: one may be a subtotal
    if not any(is_number(cell) or is_date(cell, of_any_language=is_named) for cell in few):
        return Role.TEXT
    judged = _spread(cells, _JUDGED)
    figures = list(filter(is_number, judged))
    if len(figures) >= _FIGURES * len(judged):
        if is_named and (_are_days(figures) or _are_counted_days(name, figures)):
            return Role.DATE
        if all(cell.isdecimal() and len(cell) == _DAY_DIGITS and is_date(cell) for cell in figures):
            return Role.DATE
        if not is_id_name(name) and all(_MOMENT_OF_DIGITS.fullmatch(cell) and is_date(cell) for cell in figures):
            return Role.DATE  # shops number orders by the moment that they were made
        return Role.PERCENT if sum("%" in cell or "％" in cell for cell in judged) > len(judged) / 2 else Role.NUMBER
    dated = sum(is_date(cell, of_any_language=is_named) for cell in judged)
    are_names = not is_named and _are_names(name, judged)
    return Role.DATE if dated >= _DATES * len(judged) and not are_names else Role.TEXT


def _are_names(name: str, cells: Sequence[str]) -> bool:
    """Whether cells of a word and a number, which look like days of a month, are names, by what their column is called: `Set 1`
    of an `Ad set` is no day of September.
    """
    parts = NameParts.of(name)
    is_called = parts.has("names") or not parts.words.isdisjoint(folded(cells[0]).split())
    return is_called and all(map(_WORD_AND_NUMBER.fullmatch, cells))


_WORD_AND_NUMBER = re.compile(r"[^\W\d_]+\.?\s?\d{1,2}")
_DAY_DIGITS = len("20260701")
_MOMENT_OF_DIGITS = re.compile(r"\d{8} ?\d{2,9}")


def _are_days(cells: Sequence[str]) -> bool:
    """Whether figures are days, or periods of which most exist: amounts of `Monthly revenue` look like months (`1834.55`)."""
    others = [cell for cell in cells if not is_date(cell)]
    return all(map(is_period, others)) and sum(map(_exists, others)) >= len(others) - len(cells) / 2


def _exists(period: str) -> bool:
    try:
        return period_start(period) is not None
    except ValueError:
        return False


def _are_counted_days(name: str, cells: Sequence[str]) -> bool:
    """Whether cells are seconds or milliseconds since 1970, or days of a spreadsheet in a column that is called a date."""
    if not all(cell.replace(".", "", 1).isdecimal() for cell in cells):
        return False
    values = [float(cell) for cell in cells]
    ranges = [(_EPOCHS[0] * scale, _EPOCHS[1] * scale) for scale in (1, 1000)]
    plain = folded(name)
    is_dated = any(word in plain and f"{word}s" not in plain for word in words_of("date_parts"))  # updates are counted
    if is_dated or plain in words_of("date_names"):
        ranges.append(_SERIALS)
    return any(all(first <= value < last for value in values) for first, last in ranges)


_EPOCHS = (946_684_800, 4_102_444_800)
"""Seconds since 1970, from 2000 to 2100."""
_SERIALS = (36_526, 62_092)
"""Days of a spreadsheet, from 2000 to 2069."""


def _spread(cells: pa.Array, count: int) -> list[str]:
    """So many of the cells, at equal distances."""
    step = max(len(cells) // count, 1)
    result: list[str] = cells.take(pa.array(range(0, len(cells), step)[:count], pa.int64())).to_pylist()
    return result


def is_week_name(name: str) -> bool:
    """Whether a column of bare numbers holds weeks, by its name."""
    return spaced(name) in words_of("week_names")


def is_day_name(name: str) -> bool:
    """Whether a column is called a day, a week or a month."""
    plain = folded(name)
    if _MOMENT.search(name) is not None or plain in words_of("day_names") or plain in words_of("week_names"):
        return True
    return any(word in plain for key in ("date_parts", "day_parts") for word in words_of(key))


_MOMENT = re.compile(r"(?<=[a-z])(?:_at|_on|At|On)$")
"""How programs call moments: `finished_at`, `givenOn`."""
