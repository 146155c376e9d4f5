"""Tables without days that say more of what the rows of others name by a key: the stores and the products of a warehouse.

Their words become columns of each table that has their key, under its own name or as `store_id` for the `id` of `stores`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import pyarrow as pa
import pyarrow.compute as pc

from core.base.errors import WhydropError
from core.ingest.formats.batch import ExportTable, Located, Records, Rows, TextBatch
from core.ingest.formats.different_cells import are_such
from core.ingest.formats.open_table import open_table
from core.ingest.formats.sources import ExportSource
from core.ingest.headers.folding import folded
from core.ingest.headers.id_names import is_id_name, names_order
from core.ingest.mapping.cell_text import whole
from core.ingest.row_kinds import is_figure
from core.ingest.values.date_columns import is_date

_BARE_KEYS = frozenset(("id", "key", "code", "sk", "pk"))
"""Names of keys that are other tables' only with the name of their own table before them."""
_FEWEST = 2
"""Rows of a lookup table, and of one that has its key."""
_KNOWN = 0.9
"""Of the keys at the beginning of a table, those that a lookup table has; some rows name what was deleted, or nothing."""


@dataclass(frozen=True, slots=True)
class LookupTable:
    """Words by their key."""

    name: str
    """What the table is called."""
    keys: tuple[str, ...]
    """Folded names under which other tables may have its key."""
    key: pa.Array
    """All different."""
    columns: dict[str, pa.Array]
    """Its words by the name of their column, each of the shape of `key`."""

    def place_in(self, rows: Rows) -> int | None:
        """Which column of a table has its key; None where none has."""
        header = [_plain(name) for name in rows[0]]
        at = next((header.index(name) for name in self.keys if name in header), None)
        cells = [row[at].strip() for row in rows[1:] if at < len(row)] if at is not None else []
        keys = pa.array(filter(None, cells), pa.string())
        known = pc.sum(pc.is_in(keys, self.key)).as_py() or 0
        return at if len(keys) >= _FEWEST and known >= _KNOWN * len(keys) else None


def find_lookups(
    unread: Iterable[ExportSource],
    counted: Iterable[ExportSource],
    others: Iterable[ExportSource],
    encoding: str | None,
) -> dict[ExportSource, list[LookupTable]]:
    """Which files say more of the rows of others, directly or through one another: of those that are no exports (`unread`), and
    of those that have no figures, so that their rows are `counted`.
    """
    allowed = {**dict.fromkeys(counted, False), **dict.fromkeys(unread, True)}
    tables = {source: table for source in allowed if (table := _table(source, encoding)) is not None}
    found = {
        source: lookups
        for source, table in tables.items()
        if (lookups := _lookups_of(source, table, may_have_figures=allowed[source]))
    }
    whole_words = {source: _with_upper(source, tables[source], found) for source in found}
    used = [
        source
        for other in (others if found else ())
        if other not in found and (table := _table(other, encoding)) is not None
        for source in _looked_up_by(table, found)
    ]
    upper = [parent for source in used for parent in _looked_up_by(tables[source], found) if parent != source]
    result = {source: whole_words[source] for source in dict.fromkeys(used)}
    return {**{source: [] for source in upper}, **result}


def _table(source: ExportSource, encoding: str | None) -> ExportTable | None:
    """The table of a file whose columns have different names; None for any other, and for what cannot be read."""
    try:
        table = open_table(source, encoding)
    except WhydropError:
        return None
    header = table.rows[0]
    return table if len({*map(_plain, header), ""}) > max(len(header), 2) else None


def _looked_up_by(table: ExportTable, found: Mapping[ExportSource, Sequence[LookupTable]]) -> list[ExportSource]:
    return [
        source
        for source, lookups in found.items()
        if any(lookup.place_in(table.rows) is not None for lookup in lookups)
    ]


def _with_upper(
    source: ExportSource, table: ExportTable, found: Mapping[ExportSource, Sequence[LookupTable]]
) -> list[LookupTable]:
    """What a file can be looked up for, with the words of the files that it has the keys of: of a product, its category."""
    upper = [lookup for other, lookups in found.items() if other != source for lookup in lookups]
    made = with_lookups(table, upper)
    return [*found[source]] if made is table else _lookups_of(source, made, may_have_figures=True)


def _lookups_of(source: ExportSource, table: ExportTable, *, may_have_figures: bool) -> list[LookupTable]:
    """What a file can be looked up for: its columns of words by each of its columns that names every row."""
    header = table.rows[0]
    keys = [name for at, name in enumerate(header) if _may_be_key(name, [row[at : at + 1] for row in table.rows[1:]])]
    try:
        batch = next(whole(table.records(0, header).texts(header)), None) if keys else None
    except WhydropError:
        return []
    if batch is None or batch.refused:
        return []
    figures = [
        name for name, column in batch.columns.items() if _are(column, _is_plain_figure) and not is_id_name(name)
    ]
    if figures and not may_have_figures:
        return []
    words = {name: column for name, column in batch.columns.items() if not _are(column, _is_no_word)}
    stem = _plain(PurePath(source.name.rpartition(":")[2]).name.partition(".")[0])
    result = []
    for name in keys:
        column = batch.columns[name]
        others = {other: cells for other, cells in words.items() if other != name}
        is_key = column.null_count == 0 and pc.count_distinct(column).as_py() == len(column)
        if is_key and others:
            result.append(LookupTable(stem, _names_elsewhere(name, stem), column, others))
    return result


def _may_be_key(name: str, cells: Rows) -> bool:
    """Whether the first cells of a column, none or one of each row, name their rows."""
    texts = [cell.strip() for row in cells for cell in row]
    differ = len(texts) == len(cells) >= _FEWEST and all(texts) and len({*texts}) == len(texts)
    return (
        differ
        and not names_order(name)  # it has the rest of each order, and counts orders by itself
        and not any(map(is_date, texts))
        and (is_id_name(name) or not all(map(is_figure, texts)))
    )


def _are(column: pa.Array, is_such: Callable[[str], bool]) -> bool:
    cells = column.drop_null()
    return len(cells) > 0 and bool(are_such(cells, is_such).all())


def _is_plain_figure(cell: str) -> bool:
    return is_figure(cell) and not is_date(cell)


def _is_no_word(cell: str) -> bool:
    return is_figure(cell) or is_date(cell)


def _plain(name: str) -> str:
    return folded(name).replace("_", " ")


def _names_elsewhere(key: str, stem: str) -> tuple[str, ...]:
    """
    >>> _names_elsewhere("store_key", "dim store"), _names_elsewhere("id", "categories"), _names_elsewhere("code", "boxes")
    (('store key',), ('categories id', 'category id'), ('boxes code', 'box code'))
    """
    plain = _plain(key)
    if plain not in _BARE_KEYS:
        return (plain,)
    thing = stem.split()[-1] if stem else ""
    one = thing.removesuffix("s")
    for many, single in (("ies", "y"), ("xes", "x"), ("ches", "ch"), ("sses", "ss")):
        one = thing.removesuffix(many) + single if thing.endswith(many) else one
    return tuple(f"{form} {plain}" for form in dict.fromkeys((thing, one)) if form)


def with_lookups(table: ExportTable, lookups: Sequence[LookupTable]) -> ExportTable:
    """The table with the words of those lookup tables whose key it has; itself where there is none."""
    used: list[tuple[int, LookupTable]] = []
    taken = {*map(_plain, table.rows[0])}
    for lookup in lookups:
        at = lookup.place_in(table.rows)
        new = _new_words(table.rows, at, lookup) if at is not None else {}
        new = {f"{lookup.name} {name}" if _plain(name) in taken else name: cells for name, cells in new.items()}
        if at is not None and new:
            taken |= {*map(_plain, new)}
            used.append((at, replace(lookup, columns=new)))
    return _LookedUpTable(table, used) if used else table


def _new_words(rows: Rows, at: int, lookup: LookupTable) -> dict[str, pa.Array]:
    """The words of a lookup table that a table has not itself in a column of their name; `at` has their keys."""
    header = [*map(_plain, rows[0])]
    result = {}
    for name, cells in lookup.columns.items():
        if (place := header.index(_plain(name)) if _plain(name) in header else None) is not None:
            known = dict(zip(lookup.key.to_pylist(), cells.to_pylist(), strict=True))
            pairs = [(row[place].strip(), known.get(row[at].strip())) for row in rows[1:] if max(at, place) < len(row)]
            if sum(own == other for own, other in pairs) >= _KNOWN * len(pairs):
                continue
        result[name] = cells
    return result


class _LookedUpTable:
    """A table with further columns, looked up by one of its own each."""

    def __init__(self, table: ExportTable, lookups: Sequence[tuple[int, LookupTable]]) -> None:
        """`lookups`: which column has the keys of each."""
        self._table, self._lookups = table, lookups
        self.describe = {**table.describe, "looked up": " and ".join(lookup.name for _, lookup in lookups)}
        self.is_complete, self.gaps = table.is_complete, table.gaps
        width = len(table.rows[0])
        padded = [[*row, *[""] * (width - len(row))] for row in table.rows[1:]]
        added = [
            cells.fill_null("").to_pylist()
            for at, lookup in lookups
            for cells in _looked_up(pa.array([row[at].strip() for row in padded], pa.string()), lookup)
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
    places = pc.index_in(keys, lookup.key)
    return [cells.take(places) for cells in lookup.columns.values()]
