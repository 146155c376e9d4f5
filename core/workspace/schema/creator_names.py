"""Handles by which rows call accounts that the list of creators has by an id: each account is counted under one name.

Exports of shops often name a creator by the handle that people see, exports of traffic and of accounts by an id.
"""

import sqlite3

from core.workspace.schema.tables import CREATOR, remake_views


def bare(handle: str) -> str:
    """SQL of a handle without what makes no difference: an `@` before it, and the case of ASCII letters."""
    return f"ltrim(lower({handle}), '@')"


_HANDLES = (
    f"SELECT {bare('handle')} AS bare, min(creator_id) AS creator_id FROM creators WHERE handle <> '' "
    "GROUP BY bare HAVING count(*) = 1"
)
_CODES = (
    f"SELECT code, handles.creator_id FROM dictionary JOIN ({_HANDLES}) handles ON bare = {bare('value')} "
    f"WHERE dimension = '{CREATOR}' AND value NOT IN (SELECT creator_id FROM creators)"
)
NAMED_CREATORS = (
    "(SELECT ifnull(value, creators.creator_id) AS name, creators.* FROM creators LEFT JOIN (SELECT DISTINCT creator_id, value "
    f"FROM creator_names JOIN dictionary ON dimension = '{CREATOR}' AND dictionary.code = account) USING (creator_id))"
)
"""SQL: the table `creators` with the `name` under which each account is counted: its id where rows have that, else its handle."""
WORDS = (
    f"SELECT value FROM dictionary WHERE dimension = ? AND (dimension <> '{CREATOR}' OR code NOT IN "
    "(SELECT code FROM creator_names WHERE code <> account)) ORDER BY code"
)
"""SQL: the words of a dimension by code, without other names of accounts: whoever counts values counts each account once."""
COUNTED_NAMES = (
    f"SELECT DISTINCT value, coalesce(by_id.name, by_handle.name) FROM json_each(?) LEFT JOIN {NAMED_CREATORS} by_id "
    f"ON by_id.creator_id = value LEFT JOIN (SELECT {bare('handle')} AS bare, min(name) AS name FROM {NAMED_CREATORS} "
    f"WHERE handle <> '' GROUP BY 1 HAVING count(*) = 1) by_handle ON by_handle.bare = {bare('value')} "
    "WHERE coalesce(by_id.name, by_handle.name) IS NOT NULL"
)
"""SQL: an id or a handle of a JSON list -> the name under which its account is counted, for those of an account."""


def make_table(connection: sqlite3.Connection) -> None:
    """`creator_names`: the code of a handle -> the account it is of, and the code under which that is counted."""
    connection.execute(
        "CREATE TABLE creator_names (code INTEGER PRIMARY KEY, creator_id TEXT NOT NULL, account INTEGER NOT NULL) STRICT"
    )
    remake_views(connection)
    note_handles(connection)


def note_handles(connection: sqlite3.Connection) -> None:
    """Finds the handles among the names that rows have now.

    A handle is that of one account, and no account's id.
    """
    connection.execute("DELETE FROM creator_names")
    if connection.execute("SELECT EXISTS (SELECT 1 FROM creators WHERE handle <> '')").fetchone()[0]:
        same_id = f"(SELECT code FROM dictionary WHERE dimension = '{CREATOR}' AND value = creator_id)"
        first_handle = "min(code) OVER (PARTITION BY creator_id)"
        connection.execute(
            f"INSERT INTO creator_names SELECT code, creator_id, ifnull({same_id}, {first_handle}) FROM ({_CODES})"
        )
