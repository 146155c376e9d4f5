"""Other names by which rows call accounts, shops and products that a list has by an id: each is counted under one name.

Exports of shops often name a creator by the handle that people see, and a shop by its name; exports of traffic and lists by ids.
A name that several things of a list share is nobody's, and stays as it is.
"""

import sqlite3
import unicodedata
from functools import cache

from core.workspace.schema.tables import LISTED_NAMES, remake_views


def plain_name(name: str) -> str:
    """A name without what makes no difference: its case, its width, blanks around it, and an `@` before it.

    >>> plain_name("@Ann"), plain_name(" Straße  12"), plain_name("ＡＢＣ"), plain_name("ΣΊΣΥΦΟΣ") == plain_name("Σίσυφος")
    ('ann', 'strasse 12', 'abc', True)
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split()).lstrip("@")


def add_functions(connection: sqlite3.Connection) -> None:
    """Lets SQL of a connection call `plain_name`."""
    connection.create_function("plain_name", 1, plain_name, deterministic=True)


def _plain(name: str) -> str:
    """SQL of `plain_name`; most handles are plain ASCII, which SQLite folds ten times as fast."""
    return f"iif({name} GLOB '*[^!-~]*', plain_name({name}), ltrim(lower({name}), '@'))"


def _names(dimension: str) -> str:
    """SQL: the names that one thing of a list has alone."""
    table, name = LISTED_NAMES[dimension]
    return (
        f"SELECT {_plain(name)} AS plain, min({dimension}) AS id FROM {table} WHERE {name} <> '' "
        "GROUP BY plain HAVING count(*) = 1"
    )


@cache
def listed(dimension: str) -> str:
    """SQL: the list of the things of a dimension with the name under which each is `counted`: its id where rows have that, else
    its name.
    """
    return (
        f"(SELECT ifnull(value, {dimension}) AS counted, t.* FROM {LISTED_NAMES[dimension][0]} t LEFT JOIN "
        f"(SELECT DISTINCT o.id AS {dimension}, value FROM other_names o JOIN dictionary d ON d.dimension = o.dimension "
        f"AND d.code = o.account WHERE o.dimension = '{dimension}') USING ({dimension}))"
    )


WORDS = (
    "SELECT value FROM dictionary WHERE dimension = ?1 AND code NOT IN "
    "(SELECT code FROM other_names WHERE dimension = ?1 AND code <> account) ORDER BY code"
)
"""SQL: the words of a dimension by code, without other names of its things: whoever counts values counts each thing once."""


@cache
def counted_names(dimension: str) -> str:
    """SQL: an id or a name of a JSON list -> the name under which its thing is counted, for those of a thing of the list."""
    return (
        f"SELECT DISTINCT value, coalesce(by_id.counted, by_name.counted) FROM json_each(?) LEFT JOIN {listed(dimension)} by_id "
        f"ON by_id.{dimension} = value LEFT JOIN (SELECT plain, counted FROM ({_names(dimension)}) JOIN {listed(dimension)} "
        f"ON {dimension} = id) by_name ON by_name.plain = {_plain('value')} "
        "WHERE coalesce(by_id.counted, by_name.counted) IS NOT NULL"
    )


def make_table(connection: sqlite3.Connection) -> None:
    """`other_names`: the code of a name -> the id of the thing that it is of, and the code under which that is counted."""
    connection.execute("DROP TABLE IF EXISTS creator_names")
    connection.execute(
        "CREATE TABLE other_names (dimension TEXT NOT NULL, code INTEGER NOT NULL, id TEXT NOT NULL, account INTEGER NOT NULL, "
        "PRIMARY KEY (dimension, code)) STRICT, WITHOUT ROWID"
    )
    remake_views(connection)
    note_names(connection)


def note_names(connection: sqlite3.Connection) -> None:
    """Finds the names of listed things among those that rows have now.

    A name is that of one thing, and no thing's id.
    """
    connection.execute("DELETE FROM other_names")
    for dimension, (table, name) in LISTED_NAMES.items():
        if connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {name} <> '')").fetchone()[0]:
            same_id = f"(SELECT code FROM dictionary WHERE dimension = '{dimension}' AND value = id)"
            first_name = "min(code) OVER (PARTITION BY id)"
            connection.execute(
                f"INSERT INTO other_names SELECT '{dimension}', code, id, ifnull({same_id}, {first_name}) FROM dictionary "
                f"JOIN ({_names(dimension)}) ON plain = {_plain('value')} "
                f"WHERE dimension = '{dimension}' AND value NOT IN (SELECT {dimension} FROM {table})"
            )
