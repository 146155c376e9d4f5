"""Files without figures that say more of the rows of others: the stores and products of a warehouse."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.errors import WhydropError
from core.ingest.formats.batch import Batch, Export
from core.ingest.formats.sources import sources
from core.ingest.lookups import found_lookups, table_words
from core.workspace.write import load_run
from core.workspace.write.load import load
from tests.workspace.loading import rows

SALES = "sale_id,date_key,store_key,qty\n" + "".join(
    f"{number},202607{day:02},{100 + number % 4},{number % 3 + 1}\n"
    for number, day in enumerate(day for day in range(1, 29) for _ in range(8))
)
STORES = "store_key,store_name,region\n100,Ash,North\n101,Birch,South\n102,Cedar,North\n103,Date,South\n"
BY_REGION = "SELECT region, SUM(qty), SUM(events) FROM daily GROUP BY 1 ORDER BY 1"
# 224 sales; of 12 in a row North has six with 12 units, and South six with 12: 18 times. Of the last eight each has four, with
# 1 + 3 + 2 + 1 and 2 + 1 + 3 + 2 units.
WANTED = [("North", 18 * 12 + 7, 112), ("South", 18 * 12 + 8, 112)]


def written(folder: Path, stores: str = STORES, sales: str = SALES, name: str = "dim_store") -> list[Path]:
    paths = [folder / "fact_sales.csv", folder / f"{name}.csv"]
    for path, text in zip(paths, (sales, stores), strict=True):
        path.write_text(text)
    return paths


@pytest.mark.parametrize(("order", "title"), [(1, ""), (-1, "As of 2026-07-31,,\n,,\n")])
def test_sales_are_sliced_by_what_their_stores_are(tmp_path: Path, order: int, title: str) -> None:
    report = load(tmp_path / "w.db", written(tmp_path, title + STORES, title + SALES)[::order])
    assert rows(tmp_path / "w.db", BY_REGION) == WANTED
    assert "its rows are looked up in dim store" in report.files[0].notes
    assert any(line.startswith(f"{tmp_path / 'dim_store.csv'}: its columns are added") for line in report.skipped)


@pytest.mark.parametrize("cell", [" {} ", "{}.0"])
@pytest.mark.parametrize("is_of_sales", [True, False])
def test_keys_are_the_same_with_spaces_and_as_figures(tmp_path: Path, cell: str, is_of_sales: bool) -> None:
    changed = SALES if is_of_sales else STORES
    for key in ("100", "101", "102", "103"):
        written_so = cell.format(key)
        changed = changed.replace(f",{key},", f",{written_so},").replace(f"\n{key},", f"\n{written_so},")
    load(tmp_path / "w.db", written(tmp_path, **({"sales": changed} if is_of_sales else {"stores": changed})))
    assert rows(tmp_path / "w.db", BY_REGION) == WANTED


def test_a_table_of_words_alone_is_looked_up(tmp_path: Path) -> None:
    """Its keys are words, too."""
    lettered = [text.replace(",10", ",S10").replace("\n10", "\nS10") for text in (STORES, SALES)]
    load(tmp_path / "w.db", written(tmp_path, *lettered))
    assert rows(tmp_path / "w.db", BY_REGION) == WANTED


def test_a_bare_id_is_the_key_of_the_table_called_so(tmp_path: Path) -> None:
    stores = STORES.replace("store_key", "id").replace("region", "region,created_at")
    stores = stores.replace("North", "North,2019-02-03 10:00:00").replace("South", "South,2020-04-05 11:00:00")
    load(tmp_path / "w.db", written(tmp_path, stores, SALES.replace("store_key", "store_id"), "stores"))
    assert rows(tmp_path / "w.db", BY_REGION) == WANTED


def test_what_is_not_looked_up_is_blank_and_keeps_its_figures(tmp_path: Path) -> None:
    """Of 224 sales, two have a store that no table has any more."""
    lines = SALES.splitlines()
    lines[-1], lines[-2] = lines[-1].replace(",103,", ",999,"), lines[-2].replace(",102,", ",998,")
    load(tmp_path / "w.db", written(tmp_path, sales="\n".join(lines) + "\n"))
    units = [int(line.rsplit(",", 1)[1]) for line in lines[-2:]]
    assert rows(tmp_path / "w.db", BY_REGION) == [
        (None, sum(units), 2),
        ("North", WANTED[0][1] - units[0], 111),
        ("South", WANTED[1][1] - units[1], 111),
    ]


@pytest.mark.parametrize(
    "stores",
    [
        STORES.replace("101,", "100,"),  # a key twice: it says two things of a row
        STORES.replace("10", "20"),  # other keys
    ],
)
def test_a_table_that_has_not_each_key_once_is_not_looked_up(tmp_path: Path, stores: str) -> None:
    written(tmp_path, stores)
    report = load(tmp_path / "w.db", [tmp_path / "fact_sales.csv", tmp_path])
    assert rows(tmp_path / "w.db", "SELECT SUM(qty), SUM(events) FROM daily") == [(WANTED[0][1] + WANTED[1][1], 224)]
    assert len(report.skipped) == 1
    assert "its columns are added" not in report.skipped[0]


def test_changed_stores_correct_the_rows_of_unchanged_sales(tmp_path: Path) -> None:
    load(tmp_path / "w.db", written(tmp_path))
    load(tmp_path / "w.db", written(tmp_path, STORES.replace("102,Cedar,North", "102,Cedar,West")))
    regions = rows(tmp_path / "w.db", BY_REGION)
    assert [(name, count) for name, _, count in regions] == [("North", 56), ("South", 112), ("West", 56)]


@pytest.mark.parametrize("key", ["store_key", "id"])
def test_what_a_looked_up_table_has_the_key_of_is_looked_up_as_well(tmp_path: Path, key: str) -> None:
    """Stores have the id of their region, whose `name`, and `id`, are called as their own are."""
    stores = f"{key},name,region_id\n100,Ash,1\n101,Birch,2\n102,Cedar,1\n103,Date,2\n"
    paths = written(
        tmp_path, stores, SALES.replace("store_key", "store_key" if key == "store_key" else "store_id"), "stores"
    )
    (tmp_path / "regions.csv").write_text("id,name\n1,North\n2,South\n")
    report = load(tmp_path / "w.db", [*paths, tmp_path / "regions.csv"])
    assert rows(tmp_path / "w.db", BY_REGION.replace("region", "regions_name")) == WANTED
    assert len(report.skipped) == 2


def test_a_file_with_figures_of_days_is_never_looked_up(tmp_path: Path) -> None:
    """Sales with one measure, each named by its id, which refunds name as well: both are exports."""
    sales = "id,sold_at,country,amount\n" + "".join(
        f"{number},2026-07-{number % 28 + 1:02} 10:{number % 60:02},{('DE', 'AT')[number % 2]},{number}\n"
        for number in range(1, 101)
    )
    refunds = "refund_id,sale_id,refunded_on,reason,money\n" + "".join(
        f"R{number},{number * 2},2026-07-{number % 28 + 1:02} 12:00,broken,{number}\n" for number in range(1, 41)
    )
    for name, text in (("sales", sales), ("refunds", refunds)):
        (tmp_path / f"{name}.csv").write_text(text)
    load(tmp_path / "w.db", [tmp_path])
    assert rows(tmp_path / "w.db", "SELECT SUM(amount), SUM(money) FROM daily") == [(5050, 820)]


def registrations(folder: Path) -> Path:
    """56 people, two on each of 28 days, one of them in each country; each buys for 10 on the last day."""
    people = "".join(
        f"u{at},2026-07-{at // 2 + 1:02} 09:00:00,{('DE', 'AT')[at % 2]},{('ads', 'mail')[at % 4 // 2]}\n"
        for at in range(56)
    )
    orders = "".join(f"O{at},u{at},2026-07-28 10:00:00,10\n" for at in range(56))
    (folder / "users.csv").write_text("user_id,registered_at,country,channel\n" + people)
    (folder / "orders.csv").write_text("order_id,user_id,ordered_at,gmv\n" + orders)
    return folder


def test_people_who_register_every_week_are_counted_and_looked_up(tmp_path: Path) -> None:
    report = load(tmp_path / "w.db", [registrations(tmp_path)])
    assert not report.skipped
    assert rows(tmp_path / "w.db", "SELECT channel, COUNT(*) FROM orders GROUP BY 1 ORDER BY 1") == [
        ("ads", 28),
        ("mail", 28),
    ]
    assert rows(tmp_path / "w.db", "SELECT COUNT(DISTINCT date), SUM(events) FROM daily") == [(28, 56)]
    with (tmp_path / "orders.csv").open("a") as orders:
        orders.write("O56,u0,2026-07-28 11:00:00,10\n")  # of one who is in the file that has not changed
    load(tmp_path / "w.db", [tmp_path])
    assert rows(tmp_path / "w.db", "SELECT COUNT(*) FROM orders WHERE channel = 'ads'") == [(29,)]


def test_a_log_whose_ids_no_other_file_has_is_not_read_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor are two logs with the same columns, which say nothing of one another."""
    registrations(tmp_path)
    (tmp_path / "orders.csv").unlink()
    (tmp_path / "old_users.csv").write_text((tmp_path / "users.csv").read_text().replace("\nu", "\nx"))
    monkeypatch.setattr(table_words, "whole", None)
    load(tmp_path / "w.db", [tmp_path])
    assert rows(tmp_path / "w.db", "SELECT SUM(events) FROM daily") == [(112,)]


def test_sales_that_were_loaded_before_without_their_stores_are_read_again(tmp_path: Path) -> None:
    sales, stores = written(tmp_path)
    load(tmp_path / "w.db", [sales])
    report = load(tmp_path / "w.db", [sales, stores])
    assert "its rows are looked up in dim store" in report.files[0].notes
    load(tmp_path / "w.db", [sales, stores], dimensions=("region",))
    assert rows(tmp_path / "w.db", BY_REGION) == WANTED


def test_sales_without_their_stores_keep_what_they_were_looked_up_for(tmp_path: Path) -> None:
    """Their sums of days are those of the rows by region: taken for another cut of them, though each sale has its id."""
    sales, stores = written(tmp_path, sales=SALES.replace("20260701", "20260702").replace("20260703", "20260702"))
    load(tmp_path / "w.db", [sales, stores])
    stores.unlink()
    sales.write_text(sales.read_text() + "900,20260730,100,5\n")
    assert load(tmp_path / "w.db", [sales]).files[0].unchanged == 224
    assert rows(tmp_path / "w.db", BY_REGION) == [(None, 5, 1), *WANTED]


def test_what_a_list_of_shops_says_slices_the_rows_that_name_them_when_it_is_asked_for(tmp_path: Path) -> None:
    """The list stays a list; two of four shops are in each tier, and each shop has 10 impressions on each of 28 days."""
    shops = "".join(f"S{at},T{at // 2},Shop {at},2020-01-0{at + 1}\n" for at in range(4))
    (tmp_path / "sellers.csv").write_text(f"seller_id,tier,name,joined_on\n{shops}")
    lines = [f"2026-07-{day:02},S{at},10,{at + 1}" for day in range(1, 29) for at in range(4)]
    (tmp_path / "traffic.csv").write_text("\n".join(["date,seller_id,impressions,clicks", *lines]) + "\n")
    db = tmp_path / "w.db"
    for _night in range(2):
        load(db, [tmp_path], dimensions=("tier",))
        assert rows(db, "SELECT tier, SUM(impressions), SUM(clicks) FROM traffic GROUP BY 1 ORDER BY 1") == [
            ("T0", 560, 28 * 3),
            ("T1", 560, 28 * 7),
        ]
        assert rows(db, "SELECT count(*) FROM sellers") == [(4,)]
        with (tmp_path / "traffic.csv").open("a") as file:
            file.write("2026-07-29,S0,0,0\n")  # the list has not changed


def test_a_list_says_how_the_rows_of_others_are_sliced_by_what_it_leaves_out(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_text("product_id,title,brand\nP1,Mug,Ash\nP2,Cup,Birch\n")
    assert load(tmp_path / "w.db", [path]).files[0].notes == (
        "not loaded: brand; files with its ids that are loaded together with it can be sliced by one with, say, "
        "--dimension brand",
    )


@pytest.mark.parametrize(
    ("days", "is_series"),
    [((), False), ((0, 6), False), ((0, 7), True), ((0, 14), True), ((0, 21), False), ((6, 7, 27), True)],
)
def test_rows_of_more_than_half_of_the_weeks_are_a_series(days: tuple[int, ...], is_series: bool) -> None:
    batch = Batch({}, np.arange(len(days)), (), np.array(days, np.int64))
    export = cast(Export, cast(Any, SimpleNamespace(batches=[batch])))
    assert found_lookups._is_series(export) is is_series


def test_a_key_names_every_row_once(tmp_path: Path) -> None:
    def keys(text: str, *, may_have_figures: bool = True) -> list[str]:
        (tmp_path / "dim_store.csv").write_text(text)
        (source,) = sources(tmp_path / "dim_store.csv")
        table = found_lookups._table(source, None)
        assert table is not None
        found = table_words.lookups_of(
            found_lookups._stem(source), table, ["store_key"], None, may_have_figures=may_have_figures
        )
        return [name for lookup in found for name in lookup.columns]

    assert keys(STORES) == ["store_name", "region"]
    assert keys(f"{STORES}103,Elm,East\n") == []
    assert keys(f"{STORES},Elm,East\n") == []
    assert keys("store_key,floor\n100,1\n101,2\n") == []
    sized = "store_key,town,size\n100,Ash,7\n101,Elm,9\n"
    assert (keys(sized), keys(sized, may_have_figures=False)) == (["town"], [])


@pytest.mark.parametrize(
    ("opened", "now"),
    [
        (STORES, STORES.replace("North", "West")),
        (STORES, ""),
        (STORES, f"{STORES}104,Elm,South\n"),
        (f"{STORES}104,Elm,So", f"{STORES}104,Elm,South\n"),
    ],
)
def test_stores_that_change_while_sales_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: str, now: str
) -> None:
    """Lines that come at the end of their list are of no harm; any other change leaves rows of no state of it."""
    exports_of = load_run.loadable_exports

    def changing(*wanted: Any) -> object:
        exports = exports_of(*wanted)
        (tmp_path / "dim_store.csv").write_text(now)
        return exports

    monkeypatch.setattr(load_run, "loadable_exports", changing)
    paths = written(tmp_path)
    (tmp_path / "dim_store.csv").write_text(opened)
    if opened.endswith("\n") and now.startswith(opened):
        load(tmp_path / "w.db", paths)
        assert rows(tmp_path / "w.db", BY_REGION) == WANTED
        return
    with pytest.raises(WhydropError, match=r"dim_store\.csv: was written to while it was read"):
        load(tmp_path / "w.db", paths)
    assert rows(tmp_path / "w.db", "SELECT count(*) FROM daily_rows") == [(0,)]
