"""How whole tables are read that no preset knows: every column, in the words of a mapping file, and all that is said of it."""

from pathlib import Path

import numpy as np
import pytest

from core.ingest.formats.sources import sources
from core.ingest.inspection import inspect
from core.ingest.plans.running_balance import _goes_by

REMARK = 70 * "x"
TABLES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "figures in another language, with a column that tells rows apart": (
        "Datum;Gruppe;Bestellungen;Umsatz (EUR);Retourenquote;Bemerkung\n"
        + "".join(
            f"{day:02d}.07.2026;{channel};{day + more};1.{day:03d},50;{day},5 %;{REMARK}{day}{channel}\n"
            for day in range(1, 15)
            for channel, more in (("Live", 3), ("Video", 5))
        ),
        """kind = "daily"
dimensions = ["gruppe"]
rates = ["retourenquote"]
date_order = "dmy"

[columns]
date = "Datum"
orders = "Bestellungen"
sales = { column = "Umsatz (EUR)", decimal = "," }
retourenquote = { column = "Retourenquote", decimal = "," }
gruppe = "Gruppe"
""",
        (
            "kept, but in no total and no scan, since they cannot be added up: retourenquote",
            "sliced by gruppe, which tells its rows apart",
            "not loaded: Bemerkung",
        ),
    ),
    "payments with an id": (
        "id,created,amount,currency,type,customer\n"
        + "".join(
            f"p_{at:03d}x,2026-07-{1 + at // 6:02d} {8 + at % 6}:{at % 60:02d}:00,{at * 3 % 7 + 1}.25,"
            f"{'EUR' if at % 3 else 'USD'},{'charge' if at % 4 else 'fee'},c{at % 9}\n"
            for at in range(48)
        ),
        """kind = "daily"
dimensions = ["currency", "type", "customer"]
key = ["created", "id"]

[columns]
date = "created"
amount = { column = "amount", decimal = "." }
currency = "currency"
type = "type"
customer = "customer"
events = { constant = "1" }
""",
        (
            "each row is an event, known by its id",
            "its amounts are in USD, EUR, which do not add up: name one with, say, --where currency=USD",
        ),
    ),
    "a rate of two columns, a stock, the year before": (
        "day,visits,orders,conversion,stock,orders last year\n"
        + "".join(
            f"2026-07-{day:02d},{day * 7},{day % 5 + 1},{(day % 5 + 1) / (day * 7):.4f},{500 - day},{day % 4 + 1}\n"
            for day in range(1, 15)
        ),
        """kind = "daily"
rates = ["stock", "orders_last_year"]

[columns]
date = "day"
visits = "visits"
orders = "orders"
stock = "stock"
orders_last_year = "orders last year"
""",
        (
            "conversion is computed as orders / visits",
            "kept, but in no total and no scan, since they cannot be added up: stock",
            "kept, but in no total and no scan, since they only compare: orders_last_year",
        ),
    ),
    "events without an id and without figures": (
        "opened_at,queue,priority\n"
        + "".join(
            f"2026-07-{1 + at // 5:02d} {9 + at % 5}:{at % 60:02d},{'billing' if at % 2 else 'tech'},P{at % 3}\n"
            for at in range(40)
        ),
        """kind = "daily"
dimensions = ["queue", "priority"]
key = ["opened_at", "queue", "priority"]

[columns]
date = "opened_at"
queue = "queue"
priority = "priority"
events = { constant = "1" }
""",
        (
            "it has no figures that add up: each row counts as one of events",
            "each row is an event, known by its time and its texts",
        ),
    ),
    "hours on the clock of their shops": (
        "time,shop,visits\n"
        + "".join(
            f"2026-07-{day:02d}T{hour:02d}:00:00+02:00,{shop},{day * hour + more}\n"
            for day in range(1, 4)
            for hour in (8, 9, 10)
            for shop, more in (("A", 1), ("B", 2))
        ),
        """kind = "daily"
dimensions = ["shop"]
own_clock = true

[columns]
date = "time"
visits = "visits"
shop = "shop"
""",
        (
            "its days are those of the clock that wrote them (+02:00)",
            "its rows are of hours: sliced by hour",
            "sliced by shop, which tells its rows apart",
        ),
    ),
    "lines that are numbered in each order": (
        "order,line,date,article,pieces\n"
        + "".join(
            f"90{order},{line},2026-07-{1 + order // 4:02d},art{line},{line * order % 5 + 1}\n"
            for order in range(1, 15)
            for line in (1, 2)
        ),
        """kind = "daily"
dimensions = ["article"]
key = ["date", "order", "line"]

[columns]
date = "date"
pieces = "pieces"
article = "article"
events = { constant = "1" }
""",
        ("each row is an event, known by its order and line",),
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_column_of_a_table_and_all_that_is_said_of_it(tmp_path: Path, name: str) -> None:
    text, mapping, notes = TABLES[name]
    (tmp_path / "table.csv").write_text(text)
    (source,) = sources(tmp_path / "table.csv")
    (found,) = inspect(source)
    assert (found.mapping, found.notes) == (mapping, notes)


def test_a_table_that_nothing_is_known_of_is_shown_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("Report of the shop\nname,town\nAnn,Ulm\nBob,Bonn\n")
    (source,) = sources(tmp_path / "table.csv")
    (found,) = inspect(source)
    assert (found.kind, found.header_row, found.mapping, found.left_out) == (None, 2, "", ("name", "town"))
    assert [(column.name, column.type, column.samples) for column in found.columns] == [
        ("name", "text", ("Ann", "Bob")),
        ("town", "text", ("Ulm", "Bonn")),
    ]
    assert "none of them holds figures" in str(found.why)


def test_a_balance_goes_by_what_each_row_moves_but_for_the_first_and_a_tenth() -> None:
    moved = np.array([5.0, -3, 8, 2, -6, 4] * 4)
    balance = 1000 + np.cumsum(moved)
    assert _goes_by(balance[:6], [moved[:6]]), "what was there before the first row is in no row"
    assert not _goes_by(balance[:4], [moved[:4]]), "four rows"
    for lost, goes in ((1, True), (2, False)):  # with the first, two of 24 and three
        broken = balance + np.where(np.arange(24) >= 12, 0.5, 0) + np.where(np.arange(24) >= 18, 0.25 * (lost == 2), 0)
        assert _goes_by(broken, [moved]) == goes
    assert _goes_by(balance, [-moved])
    paid_in, paid_out = np.maximum(moved, 0), np.maximum(-moved, 0)
    assert _goes_by(balance, [paid_out, paid_in])
    assert not _goes_by(np.where(np.arange(24) == 3, np.nan, balance), [moved])
