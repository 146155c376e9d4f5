"""Ids, states and payments of orders, and lists of accounts and reviews, at the limits of what shows them."""

import pytest

from core.base.errors import UsageError
from core.catalogue.kinds import KINDS, CellType
from core.ingest.columns import currencies
from core.ingest.columns.column_profile import Columns
from core.ingest.headers.column_names import english_names
from core.ingest.mapping.column_plan import ColumnPlan, Plan
from core.ingest.own_words import change_list, entity_lists, order_guess, order_ids
from core.ingest.own_words.entity_lists import entity_list
from core.ingest.own_words.order_guess import guess_orders
from core.ingest.plans import table_plan
from tests.ingest.own_words.test_bounds_of_guesses import ORDERS, read, sources


def columns_of(**cells: str) -> Columns:
    rows = zip(*(own.split(" ") for own in cells.values()), strict=True)
    return read("\n".join([",".join(name.replace("_", " ") for name in cells), *(",".join(row) for row in rows)]))[0]


@pytest.mark.parametrize(
    ("header", "numbers", "found"),
    [
        ("Ligne", "1 2 1 3 1 7", True),  # of a part: orders begin and end anywhere
        ("Nr", "1 2 1 2 1 2", True),
        ("Nr", "10 20 10 20 10 20", True),
        ("Nr", "1 2 2 3 1 2", False),  # orders begin with other numbers
        ("Nr", "1 2 1 3 1 2", False),  # steps differ
        ("Ligne", "1 2 3 4 5 6", False),  # the rows of the file
        ("Ligne", "1 1 1 2 1 2", False),  # twice in one order
        ("Ligne", "1.5 2 1 2 1 2", False),
    ],
)
def test_line_numbers_count_on_within_orders_or_are_called_so(header: str, numbers: str, *, found: bool) -> None:
    columns = columns_of(Order_ID="A1 A1 A2 A2 A3 A3", **{header: numbers})
    assert order_ids.line_column(columns, "Order ID", (), None) == (header if found else None)
    assert order_ids.line_column(columns, "Order ID", (header,), None) is None, "it is something else already"
    assert order_ids.line_column(columns, "Order ID", (), ()) is None, "an earlier load did without it"
    assert order_ids.line_column(columns, "Order ID", (), (f"order_line:{header}",)) == header


def test_units_of_two_orders_may_count_on() -> None:
    columns = columns_of(Order_ID="A1 A1 A2 A2 A3 A4", Nr="1 2 1 2 1 1")
    assert order_ids.line_column(columns, "Order ID", (), None) is None


def test_which_column_is_the_id_of_orders() -> None:
    columns = columns_of(Order_ID="A1 A1 A2 A2", Order_line_ID="L1 L2 L3 L4", Shop="x x y y")
    assert order_ids._order_id(columns) == "Order ID"
    assert order_ids._order_id(columns_of(Shop="x y")) is None
    assert order_ids._line_id(columns, "Order ID") == "Order line ID"
    assert order_ids._line_id(columns, "Order line ID") is None, "each row is an order"
    assert order_ids._line_id(columns_of(Order_ID="A1 A1 A2", Order_line_ID="L1 L2 L2"), "Order ID") is None
    most = order_ids.most_different_id
    for cells, found in (
        ({"Shop": "x x x x", "Parcel_ID": "P1 P2 P3 P4"}, "Parcel ID"), ({"Parcel_ID": "P1 P1 P1 P2"}, "Parcel ID"),
        ({"Parcel_ID": "P1 P1 P1 P1 P2"}, None),
        ({"Shop_ID": "S1 S1 S2 S2", "Parcel_ID": "P1 P2 P3 P4"}, "Parcel ID"), ({"Word": "HP12345678 HP12345679"}, "Word"),
        ({"Word": "x y"}, None), ({"Price": "5 7"}, None),
    ):  # fmt: skip
        own = columns_of(**cells)
        assert most(own, english_names(own)) == found, cells
    for code, is_code in (
        ("HP1234567", True),
        ("1234567", True),
        ("HP12", False),
        ("HP-123456", True),
        ("HP 123456", False),
        ("ABCDEFG123456", False),
    ):
        assert order_ids._are_codes(columns_of(a=code.replace(" ", "\t"))["a"]) == is_code, code


def test_cells_that_columns_of_orders_hold() -> None:
    columns = columns_of(day="2026-07-01 2026-07-02 2026-07-03", fee="0 1 1", cost="0 1 2", word="x y z")
    for name, cell, holds in (
        ("day", CellType.MOMENT, True), ("word", CellType.MOMENT, False), ("day", CellType.DEADLINE, True),
        ("cost", CellType.MONEY, True),
        ("fee", CellType.MONEY, False), ("word", CellType.MONEY, False), ("word", CellType.WORD, True),
        ("day", CellType.MONEY, False),
    ):  # fmt: skip
        assert order_guess._holds(columns, cell, name) == holds, (name, cell)


def test_when_orders_were_paid() -> None:
    def paid(text: str) -> tuple[str | None, str | None, list[str]]:
        plan = guess_orders(*read(text))
        assert plan is not None
        column = next(column for column in plan.columns if column.target == "paid_at")
        return column.source, column.fill, sorted(column.unless_cells)

    assert paid(ORDERS) == ("Created at", None, ["cancelled"])
    whole = ORDERS.replace("Created at", "Created at,Paid at").replace(" 10:00,", " 10:00,2026-07-09,")
    assert paid(whole) == ("Paid at", None, ["cancelled"])
    assert paid(whole.replace("A3,2026-07-03 10:00,2026-07-09", "A3,2026-07-03 10:00,")) == ("Paid at", None, []), (
        "it has the paid ones"
    )
    assert paid(whole.replace("2026-07-09", "yes")) == ("Created at", None, ["cancelled"]), "no days"
    lines = "\n".join(
        line
        for at, line in enumerate(ORDERS.splitlines())
        for line in ([line] if at == 0 else [line, f"{line.split(',')[0]},,5,1,T{at},X,"])
    )
    assert paid(lines) == ("Created at", "Order ID", ["cancelled"])


@pytest.mark.parametrize(
    ("words", "rows", "slices"),
    [(2, 40, True), (1, 40, False), (2, 39, False), (3, 59, False), (50, 1000, True), (51, 1020, False)],
)
def test_words_that_tell_kinds_of_orders_apart(words: int, rows: int, slices: bool) -> None:
    cells = " ".join(f"w{at % words}x" for at in range(rows))
    assert table_plan._slices(columns_of(kind=cells)["kind"]) == slices
    assert not table_plan._slices(columns_of(status=cells)["status"])
    assert not table_plan._slices(columns_of(kind=" ".join(str(at % words) for at in range(rows)))["kind"])


REVIEWS = "Review ID,Order ID,Review date,Rating,Comment\n" + "\n".join(
    f"R{at},A{at},2026-07-0{at},{at % 5 + 1},fine {at}" for at in range(1, 7)
)


def test_lists_of_reviews() -> None:
    found = sources(entity_list(read(REVIEWS)[0]))
    assert {target: found.get(target) for target in ("review_id", "order_id", "reviewed_at", "rating")} == {
        "review_id": "Review ID", "order_id": "Order ID", "reviewed_at": "Review date", "rating": "Rating",
    }  # fmt: skip
    alone = REVIEWS.replace("Order ID", "Town")
    assert "order_id" not in sources(entity_list(read(alone)[0]))
    for before, after in (
        ("Rating", "Zorks"),
        ("R2,", "R1,"),
        ("2026-07-0", "x"),
        (",1,fine", ",6,fine"),
        ("Town", "Amount"),
        ("Town", "Ticket"),
    ):
        changed = alone.replace(before, after)
        if after == "Amount":
            changed = "\n".join(line.replace(f",A{at},", f",{at}.5,") for at, line in enumerate(changed.splitlines()))
        assert entity_list(read(changed)[0]) is None, (before, after)
    for cells, are in (("1 2 3 4 5", True), ("1.0 5", True), ("0 5", False), ("1 6", False), ("1.5 5", False)):
        assert entity_lists._are_stars(columns_of(a=cells)["a"]) == are, cells


def test_lists_of_accounts_and_shops() -> None:
    accounts = "Creator ID,Handle,Followers,Agency,Joined\n" + "\n".join(
        f"C{at},@h{at},{at}00,Ag{at % 2},2026-01-0{at}" for at in range(1, 7)
    )
    found = entity_list(read(accounts)[0])
    assert found is not None
    assert (found.kind.name, sources(found)["creator_id"]) == ("creators", "Creator ID")
    for before, after in (("C2,", "C1,"), ("Agency", "Orders")):
        changed = (
            accounts.replace(before, after).replace("Ag0", "5").replace("Ag1", "6")
            if after == "Orders"
            else accounts.replace(before, after)
        )
        assert entity_list(read(changed)[0]) is None, (before, after)
    shops = "Shop ID,Shop name,Town\nS1,North,Oslo\nS2,South,Rome"
    shop = entity_list(read(shops)[0])
    assert shop is not None
    assert (shop.kind.name, sources(shop)["seller_id"]) == ("sellers", "Shop ID")
    for before, after in (("S2", "S1"), ("Shop name", "Zorks"), ("Oslo", "5"), ("Town", "Visited on")):
        changed = shops.replace(before, after).replace("Rome", "7" if after == "5" else "Rome")
        if after == "Visited on":
            changed = changed.replace("Oslo", "2026-07-01").replace("Rome", "2026-07-02")
        assert entity_list(read(changed)[0]) is None, (before, after)
    joined = shops.replace("Town", "Joined on").replace("Oslo", "2026-07-01").replace("Rome", "2026-07-02")
    assert sources(entity_list(read(joined)[0]))["joined_on"] == "Joined on"


def test_scopes_of_changes() -> None:
    for cell, everywhere in (
        ("All markets", True),
        ("all", False),
        ("ANY shops", True),
        ("All of it", False),
        ("Some markets", False),
        ("global markets", True),
    ):
        assert change_list._is_everywhere(cell) == everywhere, cell
    for cell, several in (
        ("DE, FR", True),
        ("DE", False),
        ("DE,", False),
        ("DE|FR", True),
        ("DE; ", False),
        (" , ", False),
        ("DE\nFR", True),
    ):
        assert change_list._lists_several(cell) == several, cell
    blank = change_list._blank(columns_of(Market="DE DE;FR All_markets".replace("_", "\t"))["Market"])
    assert ("DE" in blank, blank.get("DE;FR"), blank["All"], blank["ALL"]) == (False, "", "", "")
    for name, cells, version in (("Release", "4.1 4.2", True), ("Release", "4 5", False), ("Zorks", "4.1 4.2", False)):
        assert change_list._is_version(columns_of(**{name: cells})[name]) == version, (name, cells)
        assert change_list._is_amount(columns_of(**{name: cells})[name]) != version
    for name in ("ticket_id", "Priority", "Word"):
        assert not change_list._is_amount(
            columns_of(**{name: "5 6" if name != "Word" else "x y"})[name.replace("_", " ")]
        )
    assert change_list._most_said(columns_of(a="x y", b="long longer", n="5 6")) == "b"
    assert change_list._most_said(columns_of(n="5 6")) is None


def test_titles_and_days_of_changes() -> None:
    def listed(rows: str, path: str = "a.csv", *, requested: bool = False) -> dict[str, str | None]:
        return sources(change_list.change_list(read(rows)[0], path, requested=requested))

    log = "Date,Change,Ends on,Owner\n" + "\n".join(
        f"2026-07-0{at},change {at},2026-08-0{at},Ann" for at in range(1, 6)
    )
    found = listed(log)
    assert {name: found.get(name) for name in ("starts_at", "title", "ends_at", "owner")} == {
        "starts_at": "Date", "title": "Change", "ends_at": "Ends on", "owner": "Owner",
    }  # fmt: skip
    assert listed(log.replace("change 2", "change 1")) == found, "four of five say what no other one says"
    assert listed(log.replace("change 2", "change 1").replace("change 3", "change 1")) == {}
    assert listed(log.replace("Owner", "Cost").replace("Ann", "5")) == {}
    assert "title" in listed(log.replace("Owner", "Cost").replace("Ann", "5"), requested=True)
    for per_day, changes in ((3, True), (4, False)):
        many = "Date,Change\n" + "\n".join(f"2026-07-0{at // per_day + 1},change {at}" for at in range(5 * per_day))
        assert bool(listed(many)) == changes, "three a day"
    assert listed("Change\na\nb") == {}


def test_the_currency_of_amounts() -> None:
    for cells, code in (
        ("€5 €6 €0", "EUR"),
        ("€5 6", None),
        ("5 6", None),
        ("€0 €0.00", "EUR"),
        ("€5 0.00", "EUR"),
        ("5EUR 6EUR", "EUR"),
    ):
        assert currencies._of_cells(columns_of(a=cells)["a"]) == code, cells
    with pytest.raises(UsageError, match=r"amounts of several currencies \(€5, £6\)"):
        currencies._of_cells(columns_of(a="€5 £6")["a"])
    assert currencies._of_table(columns_of(Currency="EUR EUR")) == "EUR"
    assert (currencies._of_table(columns_of(Currency="EUR USD")), currencies._of_table(columns_of(a="EUR EUR"))) == (
        None,
        None,
    )
    assert [currencies._is_amount(name) for name in ("gmv", "net_revenue", "visits")] == [True, True, False]
    plan = Plan(KINDS["orders"], tuple(ColumnPlan(name, CellType.MONEY, name) for name in ("gmv", "commission")))
    columns = columns_of(gmv="€5 €6", commission="5 6")
    both = currencies.with_currency(plan, columns, {"gmv": "EUR", "commission": "EUR"})
    assert [(column.target, column.constant) for column in both.columns] == [
        ("gmv", None),
        ("commission", None),
        ("currency", "EUR"),
    ]
    other = currencies.with_currency(plan, columns, {"gmv": "EUR", "commission": "USD"})
    assert ([column.target for column in other.columns], other.notes) == (
        ["gmv", "currency"], ("not loaded: commission, which is in USD and not in EUR like gmv",),
    )  # fmt: skip
    assert currencies.with_currency(plan, columns, {}) == plan
    assert currencies.currencies_of_amounts(plan, columns) == {"gmv": "EUR"}
    daily = Plan(KINDS["daily"], (ColumnPlan("currency", CellType.WORD, "Currency"),))
    assert (
        "its amounts are in EUR, USD, which do not add up"
        in currencies.with_currency(daily, columns_of(Currency="EUR USD"), {}).notes[0]
    )
    assert currencies.with_currency(daily, columns_of(Currency="EUR EUR"), {}).notes == ()
