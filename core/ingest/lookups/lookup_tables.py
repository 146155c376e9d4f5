"""Tables without days that say more of what the rows of others name by a key: the stores and the products of a warehouse.

Their words become columns of each table that has their key, under its own name or as `store_id` for the `id` of `stores`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from core.base.frozen import frozen
from core.ingest.formats.batch import ExportTable, Located, Records, Rows, TextBatch
from core.ingest.formats.sniffing import header_row
from core.ingest.formats.turned_table import TurnedTable
from core.ingest.headers.appeal_columns import names_violation
from core.ingest.headers.folding import folded
from core.ingest.headers.word_lists import names_appeal
from core.ingest.mapping.cell_text import plain_ids

FEWEST = 2
"""Rows of a lookup table, and of one that has its key."""
KNOWN = 0.9
"""Of the keys at the beginning of a table, those that a lookup table has; some rows name what was deleted, or nothing."""


@frozen
class LookupTable:
    """Words by their key."""

    name: str
    """What the table is called."""
    keys: tuple[str, ...]
    """Folded names under which other tables may have its key."""
    key: pa.Array
    """All different, as `plain_ids` gives them."""
    columns: dict[str, pa.Array]
    """Its words by the name of their column, each of the shape of `key`."""
    fits: Callable[[Rows], bool] = lambda rows: bool(rows)
    """Whether it may say more of the rows of a table, header first."""
    is_of_few: bool = False
    """Whether it has a part of the keys: orders that were refunded, or paid."""
    is_first: bool = False
    """Whether what it says has keys of others: of an order, its buyer."""

    def place_in(self, rows: Rows) -> int | None:
        """Which column of a table has its key; None where none has."""
        header = [plain_name(name) for name in rows[0]]
        if not self.fits(rows):
            return None
        at = next((header.index(name) for name in self.keys if name in header), None)
        cells = [row[at] for row in rows[1:] if at < len(row)] if at is not None else []
        keys = plain_ids(pa.array(filter(str.strip, cells), pa.string()))
        known = pc.sum(pc.is_in(keys, self.key)).as_py() or 0
        is_rare = self.is_of_few or (at is not None and names_violation(rows[0][at]))  # few violations are appealed
        is_known = is_rare or known >= KNOWN * len(keys)
        return at if len(keys) >= FEWEST and is_known else None


def keys_without_rows(lookup: LookupTable, tables: Iterable[ExportTable]) -> int:
    """How many keys of a lookup table no row of the tables has, which are read to their ends."""
    left = lookup.key
    for table in tables:
        at = lookup.place_in(table.rows)
        if at is None:
            continue
        header = table.rows[0]
        for batch in table.records(0, header).texts([header[at]]):
            left = left.filter(pc.invert(pc.is_in(left, plain_ids(batch.columns[header[at]]))))
    return len(left)


def names_elsewhere(key: str, stem: str) -> tuple[str, ...]:
    """What other tables call the key of the table `stem`, folded; nothing where it is bare and the table has no name.

    >>> names_elsewhere("store_key", "dim store"), names_elsewhere("id", "categories"), names_elsewhere("code", "boxes")
    (('store key',), ('categories id', 'category id'), ('boxes code', 'box code'))
    >>> names_elsewhere("id", "dim stores"), names_elsewhere("id", "")
    (('stores id', 'store id'), ())
    """
    plain = plain_name(key)
    if plain not in _BARE_KEYS:
        return (plain,)
    thing = stem.split()[-1] if stem else ""
    one = thing.removesuffix("s")
    for many, single in (("ies", "y"), ("xes", "x"), ("ches", "ch"), ("sses", "ss")):
        one = thing.removesuffix(many) + single if thing.endswith(many) else one
    return tuple(f"{form} {plain}" for form in dict.fromkeys((thing, one)) if form)


_BARE_KEYS = frozenset(("id", "key", "code", "sk", "pk"))
"""Names of keys that are other tables' only with the name of their own table before them."""


def plain_name(name: str) -> str:
    return folded(name).replace("_", " ")


def below_titles(table: ExportTable) -> ExportTable:
    """A table from the row on that names its columns; itself where that is the first, or where it is not read as a whole."""
    header = header_row(table.rows[:_DEPTH], lambda _: False)
    if not header or not table.is_complete:
        return table
    return TurnedTable.of(table, list(enumerate(table.rows))[header:])


_DEPTH = 30


def with_lookups(table: ExportTable, lookups: Sequence[LookupTable]) -> ExportTable:
    """The table with the words of those lookup tables whose key it has; itself where there is none."""
    first = [lookup for lookup in lookups if lookup.is_first]
    if first and len(first) < len(lookups):
        return with_lookups(with_lookups(table, first), [lookup for lookup in lookups if not lookup.is_first])
    used: list[tuple[int, LookupTable]] = []
    taken = {*map(plain_name, table.rows[0])}
    for lookup in lookups:
        at = lookup.place_in(table.rows)
        new = _new_words(table.rows, at, lookup) if at is not None else {}
        is_appeal = names_appeal(lookup.name)
        new = {
            f"{lookup.name} {name}" if is_appeal or plain_name(name) in taken else name: cells
            for name, cells in new.items()
        }
        if at is not None and new:
            taken |= {*map(plain_name, new)}
            used.append((at, replace(lookup, columns=new)))
    return _LookedUpTable(table, used) if used else table


def _new_words(rows: Rows, at: int, lookup: LookupTable) -> dict[str, pa.Array]:
    """The words of a lookup table that a table has not itself in a column of their name; `at` has their keys."""
    header = [*map(plain_name, rows[0])]
    result = {}
    for name, cells in lookup.columns.items():
        if plain_name(name) in header:
            place = header.index(plain_name(name))
            whole = [row for row in rows[1:] if max(at, place) < len(row)]
            words = cells.take(_places(pa.array([row[at] for row in whole], pa.string()), lookup)).to_pylist()
            if sum(row[place].strip() == word for row, word in zip(whole, words, strict=True)) >= KNOWN * len(whole):
                continue
        result[name] = cells
    return result


class _LookedUpTable:
    """A table with further columns, looked up by one of its own each."""

    def __init__(self, table: ExportTable, lookups: Sequence[tuple[int, LookupTable]]) -> None:
        """`lookups`: which column has the keys of each."""
        self._table, self._lookups = table, lookups
        before = [table.describe["looked up"]] if "looked up" in table.describe else []
        self.describe = {**table.describe, "looked up": " and ".join((*before, *(own.name for _, own in lookups)))}
        self.is_complete, self.gaps = table.is_complete, table.gaps
        width = len(table.rows[0])
        padded = [[*row, *[""] * (width - len(row))] for row in table.rows[1:]]
        added = [
            cells.fill_null("").to_pylist()
            for at, lookup in lookups
            for cells in _looked_up(pa.array([row[at] for row in padded], pa.string()), lookup)
        ]
        names = [name for _, lookup in lookups for name in lookup.columns]
        self.rows: Rows = [
            [*table.rows[0], *names],
            *([*row, *cells] for row, cells in zip(padded, zip(*added, strict=True), strict=True)),
        ]

    def records(self, header: int, names: Sequence[str]) -> Records:
        width = len(self._table.rows[0])
        return _LookedUpRecords(self._table.records(header, names[:width]), names, width, self._lookups)

    def header_line(self, header: int) -> str:
        return self._table.header_line(header)


class _LookedUpRecords:
    def __init__(
        self, records: Records, names: Sequence[str], width: int, lookups: Sequence[tuple[int, LookupTable]]
    ) -> None:
        self._records, self._own = records, frozenset(names[:width])
        self._keys = [(names[at], lookup) for at, lookup in lookups]
        self._added = names[width:]

    def texts(self, requested: Iterable[str]) -> Iterator[TextBatch]:
        chosen = list(requested)
        own = {name for name in chosen if name in self._own} | {key for key, _ in self._keys}
        for batch in self._records.texts(own):
            added = [cells for key, lookup in self._keys for cells in _looked_up(batch.columns[key], lookup)]
            columns = {**batch.columns, **dict(zip(self._added, added, strict=True))}
            yield TextBatch({name: columns[name] for name in chosen}, batch.records, batch.refused)

    def locate(self, records: Iterable[int]) -> Located:
        return self._records.locate(records)


def _looked_up(keys: pa.Array, lookup: LookupTable) -> list[pa.Array]:
    """The words of each key, null where it is none."""
    places = _places(keys, lookup)
    return [cells.take(places) for cells in lookup.columns.values()]


def _places(keys: pa.Array, lookup: LookupTable) -> pa.Array:
    return pc.index_in(plain_ids(keys), lookup.key)
