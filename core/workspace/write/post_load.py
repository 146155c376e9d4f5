"""What has to be kept in step after rows of some kind have changed."""

import sqlite3

from core.base.time_zones import DAY_SECONDS
from core.catalogue.kinds import KINDS, CellType
from core.workspace.schema import tables
from core.workspace.schema.other_names import note_names

_MOMENTS = {
    kind.name: tuple(name for name, cell in kind.columns.items() if cell is CellType.MOMENT)
    for kind in KINDS.values()
    if kind.name in {"orders", "reviews", "violations"}
}
"""The moments at which something happened; deadlines lie in the future and say nothing about how far the data reach."""
_LATE_MOMENTS = ("delivered_at", "refunded_at")
"""What the catalogue expects to come for weeks after an order ..."""
_PAID = "paid_at"
"""... and what it expects to come with the order."""
_FEWEST, _NEARLY_ALL = 200, 0.999
"""So many of them must be known, and so large a share of them come within a day: of what comes later, most is what went wrong."""
_NEARLY_PAID, _TELLS, _LONGEST_PAYMENT = 0.99, 0.5, 30
"""Share of the payments by which the days of orders are complete, and that by which they tell enough; at most so many days."""
_OVERNIGHT = 0.02
"""Share of payments after the day of their order from which on the newest day looks short of them. Where they come five hours
later on average, one in five does: in two of three made-up shops where nothing changed a scan had findings."""


def update_dependents(connection: sqlite3.Connection, kind: str) -> None:
    """Brings up to date what depends on the rows of a kind: the order line of each review, the newest moment, what
    comes soon after an order, the other names by which rows call what lists have by ids."""
    if kind in {"orders", "reviews"}:
        _link_reviews(connection)
    if kind in _MOMENTS:
        _note_moments(connection)
    if kind in {*tables.FACTS, *(table for table, _ in tables.LISTED_NAMES.values())}:
        note_names(connection)


def _link_reviews(connection: sqlite3.Connection) -> None:
    """The line of a review's order with its product, else the order's first line by product, whatever was loaded first."""
    line = (
        "coalesce((SELECT o.id FROM orders_rows o WHERE o.order_id = r.order_id AND o.product_id = r.product_id), "
        "(SELECT o.id FROM orders_rows o LEFT JOIN dictionary d ON d.dimension = 'product_id' AND d.code = o.product_id "
        "WHERE o.order_id = r.order_id ORDER BY d.value LIMIT 1))"
    )
    connection.execute(
        f"UPDATE reviews_rows SET order_line = found.line FROM (SELECT r.id AS id, {line} AS line FROM reviews_rows r) found "
        "WHERE found.id = reviews_rows.id AND found.line IS NOT reviews_rows.order_line"
    )


def _note_moments(connection: sqlite3.Connection) -> None:
    """The newest moment, and which moments come within a day of the order in nearly all cases: meals arrive within the hour,
    parcels do not. All is counted in one pass through each table.
    """
    newest: list[int] = []
    for kind, names in _MOMENTS.items():
        timed = (*_LATE_MOMENTS, _PAID) if kind == "orders" else ()
        soon = [f"total({name} <= ordered_at + {DAY_SECONDS}), count({name})" for name in timed]
        soon += [f"total(min(max({_PAID} - ordered_at, 0), {DAY_SECONDS}))"] * bool(timed)
        queried = ", ".join([*(f"max({name})" for name in names), *soon])
        values = connection.execute(f"SELECT {queried} FROM {kind}_rows").fetchone()
        newest += [moment for moment in values[: len(names)] if moment is not None]
        if timed:
            *counts, waited = values[len(names) :]
            within_a_day = dict(zip(timed, zip(counts[::2], counts[1::2], strict=True), strict=True))
            _note_payments(connection, *within_a_day.pop(_PAID), waited)
            quick = [
                name for name, (within, of) in within_a_day.items() if of >= _FEWEST and within >= _NEARLY_ALL * of
            ]
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('quick_events', ?)", (" ".join(quick),))
    if newest:
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('newest_moment', ?)", (str(max(newest)),))


def _note_payments(connection: sqlite3.Connection, within_a_day: float, payments: int, waited: float) -> None:
    """After how many days orders are paid, as far as they ever are, and after how many enough of them to compare days by: cash on
    delivery and transfers come days after the order. Nothing is kept where nearly all pay on the day of their order, of orders at
    any hour: `waited` seconds are at most a day for each payment.
    """
    connection.execute("DELETE FROM meta WHERE key = 'payment_days'")
    if payments < _FEWEST:
        return
    if within_a_day >= _NEARLY_PAID * payments:
        if waited / (DAY_SECONDS * payments) > _OVERNIGHT:
            connection.execute("INSERT INTO meta VALUES ('payment_days', '1 0')")
        return
    days = f"max((paid_at - ordered_at + {DAY_SECONDS - 1}) / {DAY_SECONDS}, 1)"
    by_day = connection.execute(
        f"SELECT {days} AS days, count(*) FROM orders_rows WHERE paid_at > 0 GROUP BY days ORDER BY days"
    )
    paid, enough = 0, 0
    for day, amount in by_day.fetchall():
        paid += amount
        enough = enough or (day if paid >= _TELLS * payments else 0)
        if paid >= _NEARLY_PAID * payments:
            kept = f"{min(day, _LONGEST_PAYMENT)} {min(enough, _LONGEST_PAYMENT)}"
            connection.execute("INSERT INTO meta VALUES ('payment_days', ?)", (kept,))
            return


def remember_zones(connection: sqlite3.Connection, zones: dict[str, str]) -> bool:
    """Keeps the time zones (key `zone`, `zone:MARKET`); False when facts were loaded under other ones."""
    stored = dict(connection.execute("SELECT key, value FROM meta WHERE key = 'zone' OR key LIKE 'zone:%'").fetchall())
    if stored == zones:
        return True
    if stored and any(
        connection.execute(f"SELECT EXISTS (SELECT 1 FROM {kind}_rows)").fetchone()[0] for kind in tables.FACTS
    ):
        return False
    connection.execute("DELETE FROM meta WHERE key = 'zone' OR key LIKE 'zone:%'")
    connection.executemany("INSERT INTO meta VALUES (?, ?)", zones.items())
    return True
