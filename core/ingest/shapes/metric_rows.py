"""Tables whose rows are one figure each, called by a word (`metric`, `value`): they get a column for each figure."""

from collections.abc import Mapping, Sequence
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Ints, numbered
from core.base.errors import UsageError
from core.catalogue.currency_signs import code_of
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.batch import ExportTable, Rows, TextBatch
from core.ingest.formats.different_cells import codes_of
from core.ingest.formats.record_text import as_line
from core.ingest.formats.sniffing import unique
from core.ingest.headers.column_names import in_english
from core.ingest.headers.folding import currency_of_header, folded, spaced
from core.ingest.headers.id_names import is_id_name
from core.ingest.headers.measure_names import is_calendar_name, is_rate_name
from core.ingest.headers.word_lists import is_total, words_of
from core.ingest.mapping.cell_text import whole
from core.ingest.row_kinds import filled, is_mostly
from core.ingest.shapes.made_tables import SpreadRows, keys_of
from core.ingest.values.date_columns import is_date
from core.ingest.values.numbers import is_number

SPREAD = "column of figures"
"""What describes a table whose rows were one figure each: the column that names them. A figure that it lacks is not given, and
replaces none that an earlier load gave."""
REPEATED = "repeated figures"
"""What describes how many figures of it are there twice, with one value."""
_COUNTS_LINES = (
    "impressions, clicks, views, page views, pageviews, sessions, users, visitors, visits, orders, paid orders, units, quantity",
    "likes, comments, shares, add to carts, detail views, conversions, purchases, downloads, installs, signups",
    "sign-ups, transactions, refunds, returns, tickets, calls",
)
_COUNTS = frozenset(word for line in _COUNTS_LINES for word in line.split(", "))
_AMOUNTS = frozenset(("gmv", "sales", "revenue", "cost", "profit", "net sales", "gross sales", "turnover", "spend"))
"""What figures are called in English. Sales and costs alone are kinds of one amount, which add up; sales and sessions are not."""
_EFFORTS = frozenset(("hours", "minutes", "seconds", "headcount", "staff", "budget", "price", "duration"))
"""Further measures that are split by an objective, an activity or a department, whose words may be those of figures."""
_ENTRIES_LINES = (
    "sales, revenue, cost, profit, net sales, gross sales, orders, refunds, returns, transactions, purchases, calls",
    "tickets",
)
_ENTRIES = frozenset(word for line in _ENTRIES_LINES for word in line.split(", "))
"""Those that are types of payments and tasks, too: a ledger has several rows of one on a day."""
_NUMBER = "number"
"""What figures are called, too, where no other column has them."""
_ROW_NUMBERS = frozenset(("no", _NUMBER, "table"))
_FEWEST_KNOWN = 2
_OF_EACH = 2
"""Rows of each figure on average, from which on a column that changes only with the figure is its unit."""
_MOST_METRICS = 60
_MOST_ALONE = 0.95
"""Rows that share a day and a slice with no other, as a part of all, where words next to figures may name them."""
_LOOKED_AT = 200
"""Rows that tell which columns hold figures."""


def spread(table: ExportTable, header: int) -> ExportTable | None:
    """A table whose rows are one figure each, with a column for each; None for any other.

    Raises UsageError when a row has two figures, or a figure appears twice for one day and slice.
    """
    names = unique(table.rows[header])
    if (found := _named_figures(names, table.rows[header + 1 : header + 1 + _LOOKED_AT])) is None:
        return None
    metric, value = found
    original = table.records(header, names)
    if (texts := whole(original.texts(names))) is None:
        return None
    batch = _with_figure_names(texts, metric)
    kinds = batch.columns[metric].dictionary.to_pylist()
    if not kinds or len(kinds) > _MOST_METRICS or any(map(is_number, kinds)):
        return None
    others = [name for name in names if name not in {metric, value}]
    labels, units = _labels(batch.columns, batch.columns[metric], others)
    keys, firsts = keys_of([batch.columns[name] for name in labels], len(batch.records))
    if spaced(metric) not in words_of("metrics") and len(firsts) > _MOST_ALONE * len(keys):
        return None  # a ticket, say, of one department each: no two rows are figures of one thing
    if _may_be_entries(metric, kinds) and len(_figure_keys(keys, batch.columns[metric])[0]) < len(keys):
        return None
    repeated = _repeated(keys, batch, (metric, value), labels)
    columns = {name: batch.columns[name].take(arrow_array(firsts)) for name in labels}
    codes = batch.columns[metric].indices.to_numpy(zero_copy_only=False)
    for code, word in enumerate(kinds):
        own = np.flatnonzero(codes == code)
        place = np.full(len(firsts), -1)
        place[keys[own]] = own
        name = f"{word} ({units[word]})" if word in units else word
        columns[name if name not in columns else f"{name} 2"] = batch.columns[value].take(arrow_array(place, place < 0))
    describe = {**table.describe, SPREAD: metric} | ({REPEATED: str(repeated)} if repeated else {})
    return SpreadRows(table, describe, columns, batch.records[firsts], batch.refused, original)


def _named_figures(names: Sequence[str], sample: Rows) -> tuple[str, str] | None:
    """The column that names figures, and that of the figures; None without one. Raises UsageError for several of these."""
    metric = next((name for name in names if spaced(name) in words_of("metrics")), None)
    others = [(at, name) for at, name in enumerate(names) if name != metric]
    counting = (name for at, name in others if not _is_mark(name) and _holds_figures(sample, at))
    figures = list(islice(counting, 2 if metric is None else None))  # with two no word next to them names them
    figures = figures or [name for at, name in others if spaced(name) == _NUMBER and _holds_figures(sample, at)]
    value = next(
        (name for name in figures if spaced(name) in words_of("values")), figures[0] if len(figures) == 1 else None
    )
    if metric is None and len(figures) == 1 and not _is_measure(figures[0]):
        metric = next((name for at, name in enumerate(names) if name != value and _are_figures(sample, at)), None)
    if metric is None or not figures:
        return None
    if value is None or len(figures) > 1:
        raise UsageError(
            f"each row is one figure, called by {metric!r}, but it has several columns of figures: {', '.join(figures)}. Keep "
            "one of them, or save a column for each figure."
        )
    return metric, value


def _holds_figures(sample: Rows, at: int) -> bool:
    return is_mostly(sample, at, is_number) and not is_mostly(sample, at, is_date)


def _is_mark(name: str) -> bool:
    """Whether figures say which row it is, and count nothing."""
    return spaced(name) in _ROW_NUMBERS or is_id_name(name) or is_calendar_name(name)


def _is_measure(name: str) -> bool:
    """Whether a column says by its own name what it counts, so that words next to it are no names of its figures."""
    return currency_of_header(name) is not None or _figure_name(name) in _COUNTS | _AMOUNTS | _EFFORTS


def _are_figures(sample: Rows, at: int) -> bool:
    """Whether the words of a column are what figures are called: one of them a count, or one an amount and one a rate."""
    words = {row[at].strip() for row in sample if at < len(row) and row[at].strip()}
    if not _FEWEST_KNOWN <= len(words) <= _MOST_METRICS:
        return False
    called = {word: _figure_name(word) for word in words}
    counts = {word for word, name in called.items() if name in _COUNTS}
    amounts = {word for word, name in called.items() if name in _AMOUNTS}
    rates = {word for word in words - counts - amounts if is_rate_name(word)}
    known = len(counts | amounts | rates)
    return bool(counts or (amounts and rates)) and known >= max(_FEWEST_KNOWN, len(words) / 2)


def _figure_name(word: str) -> str:
    """What a figure is called in English, without its unit."""
    return spaced(in_english(word)).partition("(")[0].strip()


def _may_be_entries(metric: str, words: Sequence[str]) -> bool:
    """Whether the words of a column that is not called so are figures only by words that are types of payments, too."""
    recognised = {name for word in words if (name := _figure_name(word)) in _COUNTS | _AMOUNTS}
    return spaced(metric) not in words_of("metrics") and recognised <= _ENTRIES


def _repeated(keys: Ints, batch: TextBatch, named: tuple[str, str], labels: Sequence[str]) -> int:
    """How many rows say a figure (the columns of its name and value) again. Raises UsageError where two say it differently."""
    metric, value = named
    cells, position = _figure_keys(keys, batch.columns[metric])
    texts = codes_of(batch.columns[value])
    first = np.zeros(len(cells), np.int64)
    first[position[::-1]] = texts[::-1]
    differing = np.flatnonzero(texts != first[position])
    if len(differing):
        row = int(differing[0])
        slice_text = ", ".join(f"{name} {batch.columns[name][row].as_py() or '(blank)'}" for name in labels)
        raise UsageError(
            f"each row is one figure, called by {metric!r}, and {batch.columns[metric][row].as_py()!r} appears twice for "
            f"{slice_text}. Remove one of them, or add the column that tells them apart."
        )
    return len(keys) - len(cells)


def _figure_keys(keys: Ints, words: pa.DictionaryArray) -> tuple[Ints, Ints]:
    """The different pairs of a key and a figure's name, in one number each, and which of them each row is, shape (rows,)."""
    codes = words.indices.to_numpy(zero_copy_only=False)
    return numbered(keys * (codes.max(initial=0) + 1) + codes)


def _with_figure_names(batch: TextBatch, metric: str) -> TextBatch:
    """The rows that name a figure, its names as codes, alike in any case.

    Raises UsageError for a row without a name, unless it is a total.
    """
    words = pc.utf8_trim_whitespace(batch.columns[metric])
    for row in np.flatnonzero(words.is_null().to_numpy(zero_copy_only=False)):
        cells = [cell for name in batch.columns if (cell := batch.columns[name][row].as_py())]
        if not any(map(is_total, cells)):
            raise UsageError(
                f"each row is one figure, called by {metric!r}, which is blank in {as_line(cells)!r}. Fill it in."
            )
    own = arrow_array(np.flatnonzero(words.is_valid().to_numpy(zero_copy_only=False)))
    encoded = words.take(own).dictionary_encode()
    spellings: dict[str, str] = {}
    first = [spellings.setdefault(folded(word), word) for word in encoded.dictionary.to_pylist()]
    named = pa.array(first, pa.string()).take(encoded.indices).dictionary_encode()
    columns = {name: named if name == metric else column.take(own) for name, column in batch.columns.items()}
    return TextBatch(columns, batch.records[own.to_numpy()], batch.refused)


def _labels(
    columns: Mapping[str, pa.Array], words: pa.DictionaryArray, others: Sequence[str]
) -> tuple[list[str], dict[str, str]]:
    """The columns that tell rows apart, and the units of figures that are currencies or rates: a column with one word for each
    figure says what unit the figure has.
    """
    labels: list[str] = []
    units: dict[str, str] = {}
    kinds = len(words.dictionary)
    for name in others:
        pairs = (
            pa.table({"word": words.cast(pa.string()), "own": columns[name]}).group_by(["word", "own"]).aggregate([])
        )
        words_of_it = pc.unique(columns[name]).to_pylist()
        if spaced(name) in _ROW_NUMBERS and len(pairs) == len(words_of_it) > kinds > 1:
            continue  # it numbers rows or series, each of one figure
        is_unit = len(pairs) == kinds > 1 and len(words_of_it) > 1 and len(words) >= _OF_EACH * kinds
        is_unit = is_unit and not any(word and is_date(word) for word in words_of_it[:_LOOKED_AT])
        if not is_unit:
            labels.append(name)
            continue
        own = zip(pairs["word"].to_pylist(), pairs["own"].to_pylist(), strict=True)
        units |= {word: sign for word, unit in own if unit and (sign := code_of(unit) or _sign_of_rate(unit))}
    return labels, units


def _sign_of_rate(unit: str) -> str | None:
    """A unit of figures that are no sums: a share, or something by each other thing."""
    return unit if "%" in unit or "/" in unit else None


def header_of(rows: Rows) -> int | None:
    """The header of a table of which only the beginning is known: its first row with several cells; None where there is none."""
    return next((at for at, row in enumerate(rows) if len(filled(row)) >= _FEWEST_CELLS), None)


_FEWEST_CELLS = 3
