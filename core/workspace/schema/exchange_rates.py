"""Amounts of orders in the workspace's own currency: each at the newest rate on or before the day of its order.

Converted when read, so that rates may come after the orders, be corrected, or the currency be changed, and nothing has to be
loaded again; the rows keep their local amounts. An amount whose currency is not given is one of the workspace's own.
Those of `daily` exports, whose rows have no currency, are not converted: where they are in several, that is said.
"""

import sqlite3
from collections.abc import Mapping
from functools import cached_property

import numpy as np

from core.base import settings
from core.base.date_text import date_range
from core.base.days import Window, parse_day
from core.base.errors import NotEnoughData
from core.base.frozen import frozen
from core.catalogue.kinds import MONEY_MEASURES
from core.workspace.schema.columns import Array, code
from core.workspace.schema.tables import DAY_BITS

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]

CURRENCY = code("currency")


class Rates:
    """What one unit of each currency is worth in `home`, the workspace's own."""

    def __init__(self, connection: sqlite3.Connection, home: str) -> None:
        self._connection, self.home = connection, home

    def converts(self, kind: str, measure: str) -> bool:
        """Whether a base measure is an amount in the currency of its row."""
        return kind == "orders" and measure in MONEY_MEASURES

    def at(self, codes: Array, days: Array) -> Floats:
        """The rate of rows by the codes of their currencies and their days; nan where there is none. Shape (rows,).

        Raises NotEnoughData when there are rows and no rate of any.
        """
        rates = np.full(len(codes), np.nan)
        for currency in np.unique(codes).tolist():
            rows = codes == currency
            rates[rows] = self._of(int(currency), days[rows])
        if len(rates) and np.isnan(rates).all():
            names = ", ".join(self._names[code] for code in np.unique(codes).tolist())
            raise NotEnoughData(
                f"no order can be counted in {self.home}. Load fx exports with rates of {names} to {self.home}."
            )
        return rates

    def _of(self, code: int, days: Array) -> Floats:
        if self._names.get(code, self.home) == self.home:
            return np.ones(len(days))
        since, rates = self._known.get(self._names[code], (np.zeros(0, np.int64), np.zeros(0)))
        return np.append(rates, np.nan)[np.searchsorted(since, days, "right") - 1]

    @cached_property
    def _names(self) -> Mapping[int, str]:
        return dict(self._connection.execute("SELECT code, value FROM dictionary WHERE dimension = 'currency'"))

    @cached_property
    def _known(self) -> Mapping[str, tuple[Array, Floats]]:
        """Currency -> the days from which its rates hold, ascending, and the rates."""
        by_currency: dict[str, list[tuple[int, float]]] = {}
        for day, currency, rate in self._connection.execute("SELECT date, currency, rate FROM fx ORDER BY date"):
            by_currency.setdefault(currency, []).append((parse_day(day), rate))
        return {code: tuple(map(np.array, zip(*rates, strict=True))) for code, rates in by_currency.items()}  # type: ignore[misc]

    def in_words(self) -> str:
        """SQL over the views: the rate of an order line; NULL where there is none."""
        home = f"'{self.home}'"
        return (
            f"CASE coalesce(currency, {home}) WHEN {home} THEN 1 ELSE (SELECT rate FROM fx WHERE fx.currency = orders.currency "
            "AND fx.date <= orders.date ORDER BY fx.date DESC LIMIT 1) END"
        )

    def unrated(self) -> "tuple[Unrated, ...]":
        """Order lines that no rate is known for, by currency."""
        never = 1 << 62 - DAY_BITS
        firsts = {
            code: int(self._known[name][0][0]) if name in self._known else never
            for code, name in self._names.items()
            if name != self.home
        }
        if not firsts:
            return ()
        before = " ".join(f"WHEN {code} THEN id < {day << DAY_BITS}" for code, day in firsts.items())
        rows = self._connection.execute(
            f"SELECT currency, count(*), min(id) >> {DAY_BITS}, max(id) >> {DAY_BITS} FROM orders_rows "
            f"WHERE CASE currency {before} ELSE 0 END GROUP BY currency"
        )
        return tuple(Unrated(self._names[code], lines, Window(first, last)) for code, lines, first, last in rows)


@frozen
class Unrated:
    """Order lines of one currency whose amounts cannot be converted, being older than its first rate."""

    currency: str
    lines: int
    days: Window

    def __str__(self) -> str:
        lines, amounts = ("line is", "its amount does") if self.lines == 1 else ("lines are", "their amounts do")
        return (
            f"{self.lines:,} order {lines} in {self.currency}, and no rate is known that early ({date_range(self.days)}): "
            f"{amounts} not count. Load older fx exports."
        )


def in_several(connection: sqlite3.Connection) -> tuple[str, ...]:
    """The currencies of the order lines, where they are several."""
    currencies = connection.execute(
        "SELECT code, value FROM dictionary WHERE dimension = 'currency' ORDER BY code"
    ).fetchall()
    test = "SELECT EXISTS (SELECT 1 FROM orders_rows WHERE currency = ?)"
    used = [
        name for code, name in currencies if len(currencies) > 1 and connection.execute(test, (code,)).fetchone()[0]
    ]
    return tuple(used) if len(used) > 1 else ()


def doubts(connection: sqlite3.Connection, home: str | None) -> tuple[str, ...]:
    """What is to be said about the amounts of orders; `home` is the workspace's own currency, if it has one."""
    if home is not None:
        return tuple(map(str, Rates(connection, home).unrated()))
    several = in_several(connection)
    if not several:
        return ()
    return (
        f"orders are in {', '.join(several)}, and their amounts are added up as they are. To convert them by fx exports, name "
        f'the currency to count in in {settings.NAME}: [money] currency = "{several[0]}"',
    )


def keep_currencies(connection: sqlite3.Connection, load_id: int, currencies: Mapping[str, str]) -> None:
    """Keeps the currency of each measure of a load that its header or its cells say."""
    rows = [(f"currency:{load_id}:{measure}", code) for measure, code in currencies.items()]
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)


def mixed_currencies(connection: sqlite3.Connection, home: str | None) -> str:
    """That a measure is in several currencies, `home`, the workspace's own, among them; empty where none is."""
    rows = connection.execute("SELECT key, value FROM meta WHERE key >= 'currency:' AND key < 'currency;'").fetchall()
    daily = {number for (number,) in connection.execute("SELECT id FROM loads WHERE kind = 'daily'")} if rows else set()
    parts = [(*key.split(":", 2)[1:], currency) for key, currency in rows]
    codes: dict[str, dict[str, None]] = {}
    for _, measure, currency in sorted((int(load), *named) for load, *named in parts if int(load) in daily):
        codes.setdefault(measure, {})[currency] = None
        if home:
            codes[measure][home] = None
    mixed = [
        f"{measure} of daily exports is in {', '.join(several)}"
        for measure, several in codes.items()
        if len(several) > 1
    ]
    return f"{'; '.join(mixed)}: added up as it is" if mixed else ""
