"""Amounts of whole orders, which a line of each order carries: they count once, whichever file they came in."""

import sqlite3
from collections.abc import Mapping, Sequence

from core.workspace.schema.tables import DAY_BITS, identifier


def count_once(
    connection: sqlite3.Connection,
    amounts: Sequence[str],
    *,
    table: str,
    incoming: str,
    matches: str,
    before: Mapping[int, int],
) -> None:
    """Takes amounts of whole orders off the lines that files of before had, where a line of this load has the order's amount.

    `matches`: SQL that says whether a row of the table (e) is one of the load (i). `before`: how far the ids of each day went
    before it. Other orders, and those of other sources, stay.
    """
    run, order = connection.execute, "order_id, source"
    run(f"CREATE TABLE temp.touched AS SELECT e.id, e.order_id, e.source FROM {incoming} i JOIN {table} e ON {matches}")
    connection.executemany(
        f"INSERT INTO temp.touched SELECT id, {order} FROM {table} WHERE id >= ? AND id < ?",
        (((day << DAY_BITS) + rows, (day + 1) << DAY_BITS) for day, rows in before.items()),
    )
    for name in amounts:
        left = "0" if name == "gmv" else "NULL"  # a line without a gmv is none
        has_amount = f"{identifier(name)} > 0"
        run(
            f"UPDATE {table} SET {identifier(name)} = {left} WHERE {has_amount} "
            f"AND id NOT IN (SELECT id FROM temp.touched) AND ({order}) IN "
            f"(SELECT {order} FROM {table} WHERE {has_amount} AND id IN (SELECT id FROM temp.touched))"
        )
    run("DROP TABLE temp.touched")
