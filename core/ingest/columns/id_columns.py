"""Which columns of figures name something and count nothing, by what they are called in any language or by their cells."""

import re
from collections.abc import Collection, Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Ints, distinct
from core.ingest.columns.column_profile import ColumnProfile, Columns, Role, days_as_written
from core.ingest.formats.different_cells import all_match, codes_of, combined, differ_within
from core.ingest.formats.sniffing import COUNTRIES_LIKE_IDS, OTHER_COUNTRIES
from core.ingest.headers.folding import folded, spaced
from core.ingest.headers.id_names import is_id_name
from core.ingest.headers.measure_names import adds_up, counts_people, is_sum_name, says_flow
from core.ingest.headers.name_parts import NameParts, listed_words
from core.ingest.headers.word_lists import total_words, words_of

_DIGITS = 13
"""No figure of a day has so many digits without a mark; ids of orders, payments and videos have."""


def is_id(column: ColumnProfile, called: str, *, is_one_a_day: bool = False) -> bool:
    """Whether the figures of a column, which is called so in English (or as it is), name something; `is_one_a_day`: its table has
    one row a day.
    """
    is_named = is_id_name(called) and not _are_amounts(column, called, is_one_a_day=is_one_a_day)
    return is_named or _are_long(column) or _is_one_number(column) or _are_padded(column) or _are_phones(column, called)


def is_row_number(column: ColumnProfile, *, is_first: bool) -> bool:
    """Whether a column only numbers the rows of its table, from 0 or 1, and is called so, or has no name; the first column of
    a longer table may be called anything. One that is called so may number the rows of a part, in any order.
    """
    is_named = folded(column.name).strip(".") in listed_words("row_numbers").words or column.name.startswith(_UNNAMED)
    cells = column.cells.filter(pc.utf8_is_digit(column.cells))
    fewest = _FEWEST_ROWS if is_named else _FEWEST_FIRST
    if not (is_named or is_first) or len(cells) < max(fewest, column.filled - _TOTALS):
        return False
    numbers = pc.cast(pc.utf8_slice_codeunits(cells, 0, _DIGITS), pa.int64()).to_numpy()
    counts_on = bool(numbers[0] in (0, 1) and (numbers[1:] - numbers[:-1] == 1).all())
    return counts_on or (is_named and len(cells) == column.filled and _differ_closely(numbers, _LIKELY))


_FEWEST_ROWS = 3
_FEWEST_FIRST = 10
"""Left of all other columns, and counting on from 1 by one: no figure of so many rows does."""
_TOTALS = 2
"""Rows that have a word there."""
_UNNAMED = ("(column", "Unnamed:")
"""What a column without a name is called here, and in tables that Python wrote."""


def names_row(column: ColumnProfile) -> bool:
    """Whether a column is called an id, and not just the number of a row in its file (`_line`)."""
    return is_id(column, column.name) and spaced(column.name).strip(" .") not in words_of("row_numbers")


def _are_amounts(column: ColumnProfile, called: str, *, is_one_a_day: bool) -> bool:
    """Whether the figures of a column that is called a code of something (`Umsatz Werk`, `Call center`) are amounts after all:
    fractions that hardly repeat, or short whole numbers that hardly repeat and go up and down, in a table of one row a day.

    Codes repeat, numbers of one document a day go one way. What is called an id or a number is never an amount; things that
    are counted as well as numbered are, below a thousand (`Phone` next to `Chat`).
    """
    words = folded(called).replace("_", " ").split()
    is_single = len(words) == 1
    if is_single and words[0] not in words_of("numbered_things"):
        return False
    if not {words[0], words[-1]}.isdisjoint(_IDS | listed_words("row_numbers").words):
        return False
    fewest = _FEWEST_NAMED if says_flow(column.name) or says_flow(called) else _FEWEST_AMOUNTS
    if len(column.cells) < max(fewest, column.filled * _REPEATED):
        return False
    fractions = pc.sum(pc.match_substring_regex(column.cells, r"^-?[\d.,]*\d[.,]\d*[1-9]$")).as_py()
    if not is_single and fractions >= _FRACTIONS * column.filled:
        return True
    is_long = len(column.cells) >= _FEWEST_AMOUNTS
    if not is_one_a_day or not is_long or not all_match(column.cells, r"^\d{1,3}$" if is_single else r"^\d{1,5}$"):
        return False
    steps = np.diff(column.column.filter(pc.is_in(column.column, column.cells)).cast("int64").to_numpy())
    return bool((steps > 0).any() and (steps < 0).any())


_IDS = frozenset(("id", "ids", "reference", "ref"))
_FEWEST_AMOUNTS = 10
_FEWEST_NAMED = 3
"""Of those whose name also says what came: `Umsatz Werk`."""
_REPEATED = 1 / 3
"""Counts of a small shop, a hundred a day, have so many different figures in a quarter of a year."""
_FRACTIONS = 0.8
"""Of amounts with cents a tenth end in a zero, and of those with one decimal."""


def is_of_country(name: str, others: Iterable[str], codes: Collection[str] = COUNTRIES_LIKE_IDS) -> bool:
    """Whether what looks like an id or a number (`codes`) is Indonesia or Norway: others are called the same of other countries.

    >>> is_of_country("orders_ID", ["orders_TH"]), is_of_country("NO sales", ["UK sales"]), is_of_country("PY", ["BR"], ["PY"])
    (True, True, True)
    >>> is_of_country("Order ID", ["Order NO", "Price"]), is_of_country("order_id", ["order_th_price"])
    (False, False)
    """
    own = _WORDS.split(name.upper())
    if not any(word in codes for word in own):
        return False  # nearly all: comparing each of 2,000 columns with all others took a minute
    for other in (_WORDS.split(other.upper()) for other in others):
        pairs = [(one, two) for one, two in zip(own, other, strict=False) if one != two]
        if len(own) == len(other) and len(pairs) == 1:
            ((code, other_code),) = pairs
            if code in codes and other_code in OTHER_COUNTRIES:
                return True
    return False


_WORDS = re.compile(r"[\W_]+")


def is_numbering(column: ColumnProfile) -> bool:
    """Whether whole numbers that lie close together differ in every row, where chance would repeat some, or each first comes in
    their order, as the receipts of lines do: they number something, and count nothing. So do long ones that differ in their last
    digits only, however few; those that are called after one event need not be so many.

    Of n figures that lie by chance among s whole numbers, all differ with a probability of exp(-n²/2s) at most.
    """
    if len(column.cells) < _FEWEST_ROWS or not all_match(column.cells, r"^\d{1,12}$"):
        return False
    numbers = column.cells.cast("int64").to_numpy()
    if len(numbers) == column.filled and numbers.max() - numbers.min() < _ALIKE * numbers.min():
        return True
    called = words_of("event_nouns") | words_of("number_heads")  # `Receipt` names one, `Receipts` counts
    is_called = folded(column.name) in called
    steps = np.diff(numbers)
    if is_called and len(numbers) == column.filled and bool((np.abs(steps) == 1).all()) and numbers.min() >= _LEAST:
        return True
    if len(numbers) < (_FEWEST_FIRST if is_called else _FEWEST):
        return False
    is_in_order = len(numbers) == column.filled or bool((steps > 0).all() or (steps < 0).all())
    return is_in_order and bool(numbers.min() >= _LEAST) and _differ_closely(numbers, _NAMED if is_called else _SURELY)


_ALIKE = 1e-6
"""Of the smallest: documents of nine digits or more differ by less within a hundred, amounts of that size by far more."""


def _differ_closely(numbers: Ints, surely: int) -> bool:
    """Whether different whole numbers lie so close together that chance would repeat some: but for one in e to the `surely`."""
    return len(numbers) ** 2 / (2 * (int(numbers.max() - numbers.min()) + 1)) >= surely


def is_code(column: ColumnProfile, called: str, columns: Columns, day: str | None) -> bool:
    """Whether figures repeat as codes do, and neither the column's name, `called` so in English, nor the table says otherwise:
    where no other figure changes more often, figures are few, and not codes.
    """
    if not repeats_as_codes(column) or _is_figure_name(column.name, called):
        return False
    others = (other for name, other in columns.items() if name not in {column.name, day} and other.is_figure)
    has_others = any(len(other.cells) > len(column.cells) for other in others)
    return has_others and not _is_of_each_slice(columns, day)


def _is_figure_name(name: str, called: str) -> bool:
    """Whether a name, in English `called`, says a sum, a number of people, a rate or a level, or just a value or a total."""
    is_sum = any(is_sum_name(own) or counts_people(own) for own in (name, called))
    return is_sum or not adds_up(name, called, ()) or folded(name) in words_of("values") | total_words()


def repeats_as_codes(column: ColumnProfile) -> bool:
    """Whether whole numbers of four digits or more repeat far more often than figures of their range do by chance, or differ far
    less than counts of their size: they are codes of articles, of plants, of accounts. Round ones may be prices or budgets.
    """
    if column.filled < _FEWEST_FIRST or not all_match(column.cells, r"^[1-9]\d{3,11}$"):
        return False
    numbers = column.cells.cast("int64").to_numpy()
    if len(numbers) == 1:
        return False
    span = float(numbers.max() - numbers.min() + 1)
    by_chance = span * -np.expm1(-column.filled / span)
    repeats = len(numbers) <= _TOO_FEW * by_chance
    lies_close = len(numbers) <= _TOO_FEW * column.filled and span <= _CLOSE * float(numbers.mean()) ** 0.5
    return (repeats or lies_close) and bool((numbers % 10 != 0).any())


def _is_of_each_slice(columns: Columns, day: str | None) -> bool:
    """Whether a table has a row for each day and slice, where no code is needed to tell rows apart: so do the meals of three
    schools, which hardly vary, and a till that takes one of few prices a day.
    """
    if day is None:
        return False
    days = codes_of(days_as_written(columns[day].column))
    words = [codes_of(other.column) for name, other in columns.items() if other.role is Role.TEXT and name != day]
    slices = combined((codes for codes in words if differ_within(days, codes)), len(days))
    cells = len(distinct(combined((days, slices), len(days))))
    return cells == len(days) and 2 * cells > len(distinct(days)) * len(distinct(slices))


_TOO_FEW = 1 / 3
"""A third of the different figures that chance gives: what is sold or seen a thousand times a day is so not again so often."""
_CLOSE = 0.2
"""Range of figures, as a part of what chance alone makes counts of their size differ by."""
_FEWEST = 30
_LEAST = 1000
"""Numbers of orders and tickets rarely begin lower; ranks and made-up figures do."""
_LIKELY = 5
_NAMED = 3
"""So close lies any third of 60 numbers in a row: a file that is loaded in three parts."""
_SURELY = 12
"""e to the minus 12: by chance in one file of 160,000."""


def _are_long(column: ColumnProfile) -> bool:
    """Whether nearly all cells are whole numbers longer than any figure, or such with the mark that keeps spreadsheets from
    rounding them (`'5678653123124124`)."""
    cells = column.cells[:_LOOKED_AT]
    long = pc.sum(pc.match_substring_regex(cells, rf"^'?\d{{{_DIGITS},}}'?$")).as_py() or 0
    return bool(len(cells)) and long >= _MOST * len(cells)


def _is_one_number(column: ColumnProfile) -> bool:
    """Whether every row has the same long whole number, such as that of a meter: what comes anew each day differs."""
    is_one = len(column.cells) == 1 and column.filled == column.rows >= _FEWEST_ROWS
    return is_one and all_match(column.cells, r"^[1-9]\d{4,}$")


def _are_padded(column: ColumnProfile) -> bool:
    """Whether a few whole numbers of one length begin with zeros, as codes of plants and shops do (`0001`)."""
    few = 0 < len(column.cells) <= max(_FEWEST_ROWS, column.filled / _EACH)
    fits = few and pc.all(pc.match_substring_regex(column.cells, r"^0\d+$")).as_py()
    return bool(fits) and len(pc.unique(pc.utf8_length(column.cells))) == 1


def _are_phones(column: ColumnProfile, called: str) -> bool:
    """Whether cells are numbers of phones: long, and with their name or the zero or the plus that no figure begins with."""
    is_named = any(NameParts.of(name).has("phones") for name in (column.name, called))
    digits = pc.replace_substring_regex(column.cells[:_LOOKED_AT], r"[\s()./-]", "")
    are_long = pc.match_substring_regex(digits, r"^\+?\d{7,15}$" if is_named else r"^(\+|0+)[1-9]\d{7,13}$")
    return bool(len(digits)) and (pc.sum(are_long).as_py() or 0) >= _MOST * len(digits)


_EACH = 4
_LOOKED_AT = 500
_MOST = 0.9
