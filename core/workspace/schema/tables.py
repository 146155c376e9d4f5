"""The tables: facts are coded, views over them give words, ISO days and money in units.

`id` of a fact is `day << 32 | sequence within the day` (day = days since 1970-01-01), so that a window is a range of the
primary key. Codes live in `dictionary`; 0 is "not given". Moments are epoch seconds (UTC), money is integer cents.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from uuid import uuid4

from core.catalogue.kinds import KINDS, LINE, MONEY_MEASURES, SLICE, SOURCE, CellType, Kind

SCHEMA_VERSION = 7
"""That this program writes; kept as `PRAGMA user_version` too, so that reading needs no list of migrations."""
CENTS = 100
DAY_BITS = 32
MOST_COLUMNS = 2_000
"""Of a table of SQLite (https://www.sqlite.org/limits.html)."""
FACTS = tuple(kind.name for kind in KINDS.values() if kind.is_fact)
MEASURE = "m:"
"""What the column of a measure of `daily` begins with, so that no measure can take the name of anything else."""

LISTED_NAMES = MappingProxyType(
    {"creator_id": ("creators", "handle"), "seller_id": ("sellers", "name"), "product_id": ("products", "title")}
)
"""Dimensions in which several words may mean one thing (`other_names`): the table that lists its things by their ids, and the
column of what else each is called.
"""

_GROUP = 500
"""Tests side by side in one expression."""
_STORED = {
    CellType.WORD: "INTEGER NOT NULL DEFAULT 0",
    CellType.TEXT: "TEXT",
    CellType.MOMENT: "INTEGER",
    CellType.DEADLINE: "INTEGER",
    CellType.COUNT: "INTEGER",
    CellType.NUMBER: "REAL",
    CellType.DURATION: "REAL",
    CellType.MONEY: "INTEGER",
    CellType.RATING: "INTEGER",
}
_PLAIN_STORED = {CellType.COUNT: "INTEGER", CellType.RATING: "INTEGER", CellType.NUMBER: "REAL", CellType.MONEY: "REAL"}

WORDS_INDEX = "CREATE UNIQUE INDEX dictionary_words ON dictionary (dimension, value)"
DAILY_RATIOS = (
    "CREATE TABLE IF NOT EXISTS daily_ratios (name TEXT PRIMARY KEY, numerator TEXT NOT NULL, denominator TEXT NOT NULL, "
    "scale REAL NOT NULL)"
)
_BOOKS = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID",
    "CREATE TABLE dictionary (dimension TEXT NOT NULL, code INTEGER NOT NULL, value TEXT NOT NULL, "
    "PRIMARY KEY (dimension, code)) WITHOUT ROWID",
    WORDS_INDEX,
    "CREATE TABLE dimensions (name TEXT PRIMARY KEY, position INTEGER NOT NULL, custom INTEGER NOT NULL)",
    "CREATE TABLE daily_measures (name TEXT PRIMARY KEY, unit TEXT NOT NULL, scale INTEGER NOT NULL)",
    DAILY_RATIOS,
    "CREATE TABLE loads (id INTEGER PRIMARY KEY, path TEXT NOT NULL, fingerprint TEXT, stamp TEXT, asked TEXT, "
    "kind TEXT NOT NULL, preset TEXT, "
    "loaded_at TEXT NOT NULL, seconds REAL NOT NULL, read INTEGER NOT NULL, accepted INTEGER NOT NULL, "
    "rejected INTEGER NOT NULL, unchanged INTEGER NOT NULL, replaced INTEGER NOT NULL, first_day INTEGER, last_day INTEGER, "
    "header TEXT NOT NULL, source TEXT, dimensions TEXT)",
    "CREATE TABLE rejects (load_id INTEGER NOT NULL REFERENCES loads (id), file TEXT, line INTEGER, reason TEXT, raw TEXT)",
    "CREATE INDEX rejects_of ON rejects (load_id)",
)
STATE = "state"
"""The key in `meta` of a random id that every change of the workspace renews: what is derived from it is kept under it."""
INDEXES = (
    "CREATE UNIQUE INDEX orders_key ON orders_rows (order_id, product_id, line, source)",
    "CREATE UNIQUE INDEX reviews_key ON reviews_rows (review_id, source)",
    "CREATE INDEX reviews_of_order ON reviews_rows (order_id)",
    "CREATE UNIQUE INDEX violations_key ON violations_rows (violation_id, source)",
    "CREATE INDEX daily_key ON daily_rows (row_key, source) WHERE row_key IS NOT NULL",
)


RATE = "rate"
"""The unit in `daily_measures` of what cannot be added up (averages, positions, percentages): kept, and in no total."""


def statements() -> Iterator[str]:
    """The statements that make an empty workspace, views left out."""
    yield from _BOOKS
    for kind in KINDS.values():
        yield _fact_table(kind) if kind.is_fact else plain_table(kind)
    yield from INDEXES
    for position, name in enumerate((*SLICE, "product_id", SOURCE)):
        yield f"INSERT INTO dimensions VALUES ('{name}', {position}, 0)"


def identifier(name: str) -> str:
    """The name quoted, so that any text can be a column.

    >>> identifier('m:views')
    '"m:views"'
    """
    return '"' + name.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """The text as SQL.

    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def combined(tests: Sequence[str], operator: str) -> str:
    """Tests joined by AND or OR, in groups: SQLite takes an expression no deeper than 1,000.

    >>> combined(["a", "b"], "OR")
    '(a OR b)'
    """
    groups = [tests[at : at + _GROUP] for at in range(0, len(tests), _GROUP)]
    return "(" + f") {operator} (".join(f" {operator} ".join(group) for group in groups) + ")"


def columns_of(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    """The columns of a table, in order."""
    return tuple(row[1] for row in connection.execute(f"PRAGMA table_info({identifier(table)})"))


def coded_columns(connection: sqlite3.Connection, kind: str) -> tuple[str, ...]:
    """The columns of a fact table that hold codes of words, whether any word of them is known or none."""
    words = (name for name, cell in KINDS[kind].columns.items() if cell is CellType.WORD)
    own = {*words} & {*columns_of(connection, f"{kind}_rows")}
    return tuple(sorted({*own, *dimensions_of(connection, kind)}))


def dimensions_of(connection: sqlite3.Connection, kind: str) -> tuple[str, ...]:
    """The dimensions that a fact table has, in their order."""
    columns = set(columns_of(connection, f"{kind}_rows"))
    return tuple(
        name for (name,) in connection.execute("SELECT name FROM dimensions ORDER BY position") if name in columns
    )


def table_of(kind: Kind) -> str:
    """The table that has the rows of a kind."""
    return f"{kind.name}_rows" if kind.is_fact else kind.name


def before_images(table: str) -> str:
    """The table that has the rows of `table` as they were before a load replaced them."""
    return f"{table}_before"


def renew_state(connection: sqlite3.Connection) -> None:
    """Notes that the workspace is about to hold something else."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (STATE, uuid4().hex))


def _fact_table(kind: Kind) -> str:
    own = [f"{name} {_STORED[cell]}" for name, cell in kind.columns.items() if name != "date"]
    extra = {"reviews": ["order_line INTEGER"], "daily": ["row_key TEXT"]}.get(kind.name, [])
    return f"CREATE TABLE {kind.name}_rows (id INTEGER PRIMARY KEY, {', '.join([*extra, *own])})"


def plain_table(kind: Kind) -> str:
    """The statement that makes the table of a kind without days."""
    cells = [f"{name} {_PLAIN_STORED.get(cell, 'TEXT')}" for name, cell in kind.columns.items()]
    return f"CREATE TABLE {kind.name} ({', '.join(cells)}, PRIMARY KEY ({', '.join(kind.key)})) WITHOUT ROWID"


def remake_views(connection: sqlite3.Connection) -> None:
    """Remakes the views of the fact tables that have other columns now: each takes .4 ms."""
    made = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'"))
    for name, view in [(name, _view(connection, KINDS[name])) for name in FACTS]:
        if made.get(name) != view:
            connection.execute(f"DROP VIEW IF EXISTS {name}")
            connection.execute(view)


def _view(connection: sqlite3.Connection, kind: Kind) -> str:
    dimensions = dimensions_of(connection, kind.name)
    own = {name: cell for name, cell in kind.columns.items() if name not in dimensions and name != "date"}
    selected = [f"date((r.id >> {DAY_BITS}) * 86400, 'unixepoch') AS date"]
    selected += [f"{_in_words(name, cell)} AS {name}" for name, cell in own.items()]
    selected += [f"{_word(name, _slice(kind, name))} AS {identifier(name)}" for name in dimensions]
    if kind.name == "daily":
        selected.append("r.row_key")
        scales = dict(connection.execute("SELECT name, scale FROM daily_measures ORDER BY rowid"))
        selected += [
            f"{_scaled(identifier(MEASURE + name), scale)} AS {identifier(name)}" for name, scale in scales.items()
        ]
    join = " LEFT JOIN orders_rows o ON o.id = r.order_line" if kind.name == "reviews" else ""
    return f"CREATE VIEW {kind.name} AS SELECT {', '.join(selected)} FROM {kind.name}_rows r{join}"


def _slice(kind: Kind, name: str) -> str:
    """A review takes its slice from its order."""
    column = f"r.{identifier(name)}"
    return f"coalesce(nullif(o.{identifier(name)}, 0), {column})" if kind.name == "reviews" else column


def _word(dimension: str, code: str) -> str:
    text = dimension.replace("'", "''")
    if dimension in LISTED_NAMES:
        account = f"SELECT account FROM other_names n WHERE n.dimension = '{text}' AND n.code = {code}"
        code = f"ifnull(({account}), {code})"
    return f"(SELECT value FROM dictionary WHERE dimension = '{text}' AND code = {code})"


def _in_words(name: str, cell: CellType) -> str:
    column = f"r.{name}"
    if cell is CellType.WORD:
        return _word(name, column)
    if cell.is_moment:
        return f"strftime('%Y-%m-%dT%H:%M:%SZ', {column}, 'unixepoch')"
    return _scaled(column, CENTS if cell is CellType.MONEY else 1)


def _scaled(column: str, scale: int) -> str:
    return column if scale == 1 else f"{column} / {scale}.0"


def add_dimension(connection: sqlite3.Connection, kind: str, name: str) -> None:
    """A dimension that this kind did not have; rows without it have "not given". The views are to be remade."""
    exists = connection.execute("SELECT EXISTS (SELECT 1 FROM dimensions WHERE name = ?)", (name,)).fetchone()[0]
    if not exists:
        connection.execute("INSERT INTO dimensions SELECT ?, max(position) + 1, 1 FROM dimensions", (name,))
    type_ = {name: _STORED[CellType.WORD]}
    _add_columns(connection, f"{kind}_rows", type_)
    if kind == "orders" and name not in columns_of(connection, "reviews_rows"):
        # a review takes its slice from its order, so it can be sliced by whatever an order can
        _add_columns(connection, "reviews_rows", type_)
    if kind == "reviews" and name not in columns_of(connection, "orders_rows"):
        _add_columns(connection, "orders_rows", type_)


def add_sources(connection: sqlite3.Connection) -> None:
    """Gives an older workspace the source of its rows, the lines of its orders, and the tables that came with them."""
    for name in FACTS:
        columns = columns_of(connection, f"{name}_rows")
        for name_ in (name_ for name_ in (SOURCE, LINE) if name_ in KINDS[name].columns and name_ not in columns):
            connection.execute(f"ALTER TABLE {name}_rows ADD COLUMN {name_} {_STORED[CellType.WORD]}")
    if SOURCE not in {row[0] for row in connection.execute("SELECT name FROM dimensions")}:
        connection.execute("INSERT INTO dimensions SELECT ?, max(position) + 1, 0 FROM dimensions", (SOURCE,))
    for statement in INDEXES:
        connection.execute(f"DROP INDEX IF EXISTS {statement.partition(' ON ')[0].split()[-1]}")
        connection.execute(statement)
    connection.execute(DAILY_RATIOS)
    connection.execute(plain_table(KINDS["videos"]).replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))
    for name_ in ("source", "dimensions"):
        if name_ not in columns_of(connection, "loads"):
            connection.execute(f"ALTER TABLE loads ADD COLUMN {name_} TEXT")
    remake_views(connection)


def add_measures(connection: sqlite3.Connection, units: Mapping[str, str]) -> None:
    """Measures that `daily` did not have, with their units; rows without them have NULL. The views are to be remade."""
    types = {MEASURE + name: "REAL" if unit in {"number", RATE} else "INTEGER" for name, unit in units.items()}
    _add_columns(connection, "daily_rows", types)
    scales = ((name, unit, CENTS if name in MONEY_MEASURES else 1) for name, unit in units.items())
    connection.executemany("INSERT INTO daily_measures VALUES (?, ?, ?)", scales)


def _add_columns(connection: sqlite3.Connection, table: str, types: Mapping[str, str]) -> None:
    """Columns at the end of a table and of what keeps its replaced rows.

    ALTER TABLE reads the whole schema for each column: 1,900 take 40 s. All at once is the documented way for changes that leave
    the stored rows as they are (https://www.sqlite.org/lang_altertable.html, section 7). The views that are remade
    afterwards have SQLite forget the new schema if the transaction is rolled back.
    """
    columns = [f"{identifier(name)} {type_}" for name, type_ in types.items()]
    try:
        connection.execute("PRAGMA writable_schema = ON")
        for name in (table, before_images(table)):
            connection.execute(
                "UPDATE sqlite_master SET sql = substr(sql, 1, length(sql) - 1) || ? WHERE type = 'table' AND name = ?",
                (f", {', '.join(columns)})", name),
            )
        (version,) = connection.execute("PRAGMA schema_version").fetchone()
        connection.execute(f"PRAGMA schema_version = {version + 1}")
        connection.execute("PRAGMA writable_schema = RESET")
    except sqlite3.OperationalError:  # an SQLite in defensive mode
        for name in (table, before_images(table)):
            for column in columns:
                connection.execute(f"ALTER TABLE {name} ADD COLUMN {column}")
