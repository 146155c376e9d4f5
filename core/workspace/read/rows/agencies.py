"""Who belongs together: creators of one agency, orders of one buyer."""

import sqlite3

from core.workspace.schema.other_names import listed

BUSIEST = 20
"""So many buyers are few."""


def agencies(connection: sqlite3.Connection) -> dict[str, str]:
    """What rows call a creator -> agency_id, of those who have one."""
    rows = connection.execute(f"SELECT counted, agency_id FROM {listed('creator_id')} WHERE agency_id <> '' ORDER BY 1")
    return dict(rows.fetchall())


def busiest_share(connection: sqlite3.Connection, tests: str) -> float | None:
    """What share of the order lines that pass the tests (SQL over the view `orders`) the busiest buyers made."""
    rows = connection.execute(
        f"SELECT count(*) FROM orders WHERE {tests} AND buyer_id IS NOT NULL GROUP BY buyer_id ORDER BY 1 DESC"
    )
    counts = [count for (count,) in rows]
    return sum(counts[:BUSIEST]) / sum(counts) if counts else None
