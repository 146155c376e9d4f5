"""Who belongs together: creators of one agency."""

import sqlite3


def agencies(connection: sqlite3.Connection) -> dict[str, str]:
    """creator_id -> agency_id, of the creators who have one."""
    rows = connection.execute("SELECT creator_id, agency_id FROM creators WHERE agency_id <> '' ORDER BY creator_id")
    return dict(rows.fetchall())
