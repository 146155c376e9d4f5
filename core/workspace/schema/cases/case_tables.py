"""The table of case records, which every new workspace gets; what its records say is in `case_chain`."""

import sqlite3

TABLE = "case_records"
HEAD = "case_head"
"""The key in `meta` of number and hash of the newest record."""
PINNED = ".findings.json"
"""The end of the name of the file in which findings were pinned before there were cases."""


def make_case_table(connection: sqlite3.Connection) -> None:
    """Makes the table, without records."""
    connection.execute(
        f"CREATE TABLE {TABLE} (number INTEGER PRIMARY KEY, case_id TEXT NOT NULL, kind TEXT NOT NULL, "
        "previous TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL) STRICT"
    )
