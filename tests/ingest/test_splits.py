"""Whatever the split and order of a file's rows over files and loads: the same workspace, or a refusal; and sums go in as out."""

import random
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from core.base.errors import UsageError
from core.ingest.formats.sources import sources
from core.ingest.inspection import inspect
from core.ingest.request import Request
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from core.workspace.write.load_report import LoadReport
from core.workspace.write.recovery.undo import undo
from tests.ingest.presets.test_systems import CASES as SYSTEMS
from tests.ingest.shapes import figures, loads
from tests.ingest.test_cases import CASES
from tests.workspace.loading import contents, rows, written

SLICE = st.tuples(st.integers(1, 4), st.sampled_from(["ID", "TH", ""]), st.sampled_from(["a", "b"]))
SLICES = st.dictionaries(SLICE, st.tuples(st.integers(0, 99), st.decimals(-99, 99, places=2)), min_size=1, max_size=12)
DAILY = "date,market,campaign,visits,spend"
ORDERS = "order_id,ordered_at,paid_at,product_id,units,gmv"


def daily_lines(slices: dict[tuple[int, str, str], tuple[int, object]]) -> list[str]:
    return [
        f"2026-07-0{day},{market},{campaign},{visits},{spend}"
        for (day, market, campaign), (visits, spend) in slices.items()
    ]


def loaded_in_parts(folder: Path, db: str, header: str, parts: list[list[str]], **options: str) -> None:
    for number, lines in enumerate(parts):
        (folder / f"{db}{number}.csv").write_text("\n".join([header, *lines]) + "\n")
        load(folder / db, [folder / f"{db}{number}.csv"], dimensions=("campaign",) if options else ())


@settings(max_examples=15, deadline=None)
@given(SLICES, st.integers(1, 3), st.randoms(use_true_random=False))
def test_slices_may_come_in_any_split_and_order(slices, count: int, chance: random.Random) -> None:  # type: ignore[no-untyped-def]
    lines = daily_lines(slices)
    shuffled = chance.sample(lines, len(lines))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        loaded_in_parts(folder, "whole.db", DAILY, [lines], named="yes")
        loaded_in_parts(
            folder, "parts.db", DAILY, [part for n in range(count) if (part := shuffled[n::count])], named="yes"
        )
        assert contents(folder / "parts.db")["daily"] == contents(folder / "whole.db")["daily"]
        visits, spend = rows(folder / "parts.db", "SELECT sum(visits), sum(spend) FROM daily")[0]
        assert visits == sum(figure for figure, _ in slices.values())
        assert spend == pytest.approx(float(sum(amount for _, amount in slices.values())))


@settings(max_examples=15, deadline=None)
@given(SLICES, st.integers(1, 3), st.randoms(use_true_random=False))
def test_without_a_named_dimension_a_split_gives_the_same_sums_or_a_refusal(slices, count, chance) -> None:  # type: ignore[no-untyped-def]
    lines = daily_lines(slices)
    shuffled = chance.sample(lines, len(lines))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            loaded_in_parts(folder, "w.db", DAILY, [part for n in range(count) if (part := shuffled[n::count])])
        except UsageError as error:
            assert "--dimension" in str(error)  # noqa: PT017 - a refusal is one of two right answers
            return
        replaced = rows(folder / "w.db", "SELECT sum(replaced) FROM loads")[0][0]
        total = rows(folder / "w.db", "SELECT sum(visits) FROM daily")[0][0]
        assert replaced or total == sum(figure for figure, _ in slices.values())


LINE = st.tuples(st.integers(1, 5), st.sampled_from(["p", "q"]), st.integers(1, 5), st.integers(1, 500))


@settings(max_examples=15, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=10, unique=True), st.integers(1, 3))
def test_lines_of_whole_orders_add_up_in_any_split(lines, count: int) -> None:  # type: ignore[no-untyped-def]
    texts = {
        order: [
            f"o{one},2026-07-0{one},2026-07-0{one},{product},{units},{gmv}"
            for one, product, units, gmv in lines
            if one == order
        ]
        for order, *_ in lines
    }
    orders = list(texts)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = [[line for order in orders[n::count] for line in texts[order]] for n in range(count)]
        loaded_in_parts(folder, "parts.db", ORDERS, [part for part in parts if part])
        loaded_in_parts(folder, "parts.db", ORDERS, [[line for order in orders for line in texts[order]]])
        assert rows(folder / "parts.db", "SELECT count(*), sum(units), sum(gmv) FROM orders") == [
            (len(lines), sum(units for _, _, units, _ in lines), pytest.approx(sum(gmv for *_, gmv in lines)))
        ]


INVOICES = (
    "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice\n"
    "1,A,2,2026-07-01T03:00:00+07:00,2.50\nC1,A,-1,2026-07-02T03:00:00+07:00,2.50\n"
)
MAPPED = {
    **{name: case for name, case in (CASES | SYSTEMS).items() if case[1]},
    "invoices with returns": (
        INVOICES,
        "invoice-lines",
        "SELECT min(date), sum(gmv), sum(refund_amount) FROM orders",
        ("2026-06-30", 5.0, 2.5),
    ),
}


@pytest.mark.parametrize("name", MAPPED)
def test_the_mapping_that_inspect_prints_loads_the_same(tmp_path: Path, name: str) -> None:
    text, _, sql, _ = MAPPED[name]
    export = tmp_path / "export.csv"
    export.write_bytes(text if isinstance(text, bytes) else text.encode())
    (source,) = sources(export)
    (found,) = inspect(source)
    (tmp_path / "own.toml").write_text(found.mapping, encoding="utf-8")
    load(tmp_path / "plain.db", [export])
    load(tmp_path / "mapped.db", [export], mapping=tmp_path / "own.toml")
    assert rows(tmp_path / "mapped.db", sql) == rows(tmp_path / "plain.db", sql)
    assert not found.why


def test_inspect_proposes_orders_for_lines_with_an_id_and_an_amount(tmp_path: Path) -> None:
    export = tmp_path / "lines.csv"
    export.write_text(
        "Order Number,Purchase date,Item,Quantity,Unit price\nA,2026-07-01,x,2,5.50\nA,2026-07-02,y,1,7.00\n"
    )
    (found,) = inspect(next(iter(sources(export))))
    assert (found.kind, found.why) == ("orders", None)
    assert 'kind = "orders"' in found.mapping
    (tmp_path / "m.toml").write_text(found.mapping)
    load(tmp_path / "w.db", [export], mapping=tmp_path / "m.toml")
    assert rows(tmp_path / "w.db", "SELECT count(*), sum(gmv), min(date) FROM orders") == [(2, 18.0, "2026-07-01")]
    assert [column.becomes for column in found.columns if column.name == "Item"] == ["product_id"]


REGION = "Date,Region,Orders\n2026-07-01,{0},{1}\n2026-07-02,{0},{2}\n2026-07-03,{0},{3}\n"


def test_a_file_for_each_region_is_no_correction_of_the_other(tmp_path: Path) -> None:
    north, south = REGION.format("N", 5, 6, 7), REGION.format("S", 50, 60, 70)
    loads(tmp_path, north, "north.csv")
    with pytest.raises(
        UsageError, match="its Region is 'S' in every row, that of an earlier file with the same columns 'N'"
    ):
        loads(tmp_path, south, "south.csv")
    assert figures(tmp_path, "SELECT count(*), sum(orders) FROM daily") == (3, 18)
    (tmp_path / "both").mkdir()
    for name, text in (("north", north), ("south", south)):
        loads(tmp_path / "both", text, f"{name}.csv", dimensions=("Region",))
    assert figures(tmp_path / "both", "SELECT count(*), sum(orders) FROM daily") == (6, 198)


def test_a_column_that_the_first_part_did_not_need_replaces_no_rows(tmp_path: Path) -> None:
    def part(word: str, first: int) -> str:
        rows = [f"2026-07-0{at // 2 + 1},C{at % 2},{word} {at % 2},{at + first}\n" for at in range(8)]
        return "Date,Campaign,Creative,Visits\n" + "".join(rows)

    loads(tmp_path, part("old", 5), "old.csv")
    with pytest.raises(UsageError, match=r"Creative has only new words, such as 'new 0'.* --dimension creative"):
        loads(tmp_path, part("new", 90), "new.csv")
    assert figures(tmp_path, "SELECT count(*), sum(visits) FROM daily") == (8, 68)


def test_parts_of_which_no_day_has_two_rows_replace_none_of_each_other(tmp_path: Path) -> None:
    """Six days of two shops, each part with one of them: the column of shops is left out, as no row needs it."""

    def part(first: str, second: str, visits: int) -> str:
        rows = [f"2026-07-0{at + 1},{(first, second)[at % 2]},{at + visits}\n" for at in range(6)]
        return "Date,Retailer,Visits\n" + "".join(rows)

    loads(tmp_path, part("Kroger", "Target", 5), "one.csv")
    with pytest.raises(
        UsageError, match=r"Retailer is 'Target' in a row that had 'Kroger' .* 6 rows would .*--dimension retailer"
    ):
        loads(tmp_path, part("Target", "Kroger", 50), "two.csv")
    assert figures(tmp_path, "SELECT count(*), sum(visits) FROM daily") == (6, 45)


def test_rows_whose_state_moves_on_are_corrected(tmp_path: Path) -> None:
    rows = "Date,State,Visits\n2026-07-01,final,5\n2026-07-02,draft,6\n2026-07-03,open,7\n"
    loads(tmp_path, rows, "one.csv")
    loads(tmp_path, rows.replace("draft,6", "final,60").replace("open,7", "draft,70"), "two.csv")
    assert figures(tmp_path, "SELECT count(*), sum(visits) FROM daily") == (3, 135)


def test_other_days_and_corrections_of_the_same_region_are_taken(tmp_path: Path) -> None:
    loads(tmp_path, REGION.format("N", 5, 6, 7), "july.csv")
    august = REGION.format("S", 1, 1, 1).replace("2026-07", "2026-08")
    assert loads(tmp_path, august, "august.csv").files[0].added == 3
    (file,) = loads(tmp_path, REGION.format("N", 5, 9, 7), "july-again.csv").files
    assert (file.replaced, file.unchanged) == (1, 2)


def test_inspect_takes_the_flags_that_a_refusal_names(tmp_path: Path) -> None:
    export = tmp_path / "amounts.csv"
    export.write_text("date,amount\n03/04/2026,1.250\n04/05/2026,2.500\n")
    source = next(iter(sources(export)))
    (unsure,) = inspect(source)
    assert unsure.kind is None
    (sure,) = inspect(source, Request(decimal=",", date_order="dmy"))
    assert (sure.kind, sure.why) == ("daily", None)
    assert 'amount = { column = "amount", decimal = "," }' in sure.mapping


def parts(folder: Path, *texts: str) -> LoadReport:
    """The report on the last of several files, loaded one after the other."""
    return [loads(folder, text, f"part{number}.csv") for number, text in enumerate(texts)][-1]


def test_a_file_that_shows_no_order_or_mark_is_read_like_an_earlier_one(tmp_path: Path) -> None:
    sure = "Date,Weight\n06/13/2026,2.5\n06/14/2026,1.25\n"
    parts(tmp_path, sure, "Date,Weight\n07/02/2026,1.125\n")
    assert figures(tmp_path, "SELECT max(date), sum(weight) FROM daily") == ("2026-07-02", 4.875)
    undone = tmp_path / "undone"
    undone.mkdir()
    with pytest.raises(UsageError, match="--decimal"):
        parts(undone, "Date,Weight\n2026-07-02,1.125\n")


def test_an_order_that_a_later_file_disproves_is_no_order_of_the_first(tmp_path: Path) -> None:
    guessed = "Date,Country,Orders\n06/01/2026,Germany,4\n06/03/2026,Germany,5\n"
    with pytest.raises(UsageError, match="--date-order mdy"):
        parts(tmp_path, guessed, "Date,Country,Orders\n06/04/2026,Germany,4\n06/23/2026,Germany,5\n")
    assert figures(tmp_path, "SELECT count(*) FROM daily") == (2,)


TICKETS = "Ticket #,Created,Group,Score\n"


def ticket(number: int) -> str:
    return f"{7000 + 3 * number},2026-07-{number // 3 + 1:02d} 08:{number:02d},{'AB'[number % 2]},{number % 5 + 1}\n"


def test_what_a_few_rows_did_not_show_is_refused_later(tmp_path: Path) -> None:
    lines = [ticket(number) for number in range(40)]
    with pytest.raises(UsageError, match="had 3 rows, too few"):
        parts(tmp_path, TICKETS + "".join(lines[:3]), TICKETS + "".join(lines[3:]))
    whole = tmp_path / "whole"
    whole.mkdir()
    parts(whole, TICKETS + "".join(lines[3:]), TICKETS + "".join(lines[:3]))
    assert figures(whole, "SELECT count(*), sum(tickets) FROM daily") == (40, 40)


COUNTER = [f"2026-{6 + at // 30:02d}-{at % 30 + 1:02d},{900 + at * at + 7 * at},{at * 7 % 5}" for at in range(40)]


@pytest.mark.parametrize("split", [3, 20])
def test_rows_of_two_files_show_together_what_does_not_add_up(tmp_path: Path, split: int) -> None:
    header = "Date,Users so far,Calls\n"
    report = parts(tmp_path, header + "\n".join(COUNTER[:split]), header + "\n".join(COUNTER[split:]))
    assert "now in no total and no scan: users_so_far" in report.files[0].notes[0]
    assert measures(tmp_path) == {"calls"}
    more = [f"2026-09-{at + 1:02d},{at * 13 % 29},{at}" for at in range(25)]
    counted = loads(tmp_path, header + "\n".join(more), "more.csv")  # which falls again and again
    assert "as in earlier loads: users_so_far" in counted.files[0].notes[0]
    undo(tmp_path / "w.db", 3)
    undo(tmp_path / "w.db", 2)
    assert measures(tmp_path) == {"calls", "users_so_far"}


def measures(folder: Path) -> set[str]:
    """What is added up in the workspace of a folder."""
    with Workspace.open(folder / "w.db") as workspace:
        return set(workspace.measures)


WORLD = [
    f"2026-07-{at + 1:02d},{word},{sales}"
    for at in range(8)
    for word, sales in (("Peru", 30 + at * at), ("Chile", 20 + at), ("World", 50 + at + at * at))
]


def test_totals_of_an_earlier_file_are_totals_of_a_later_one(tmp_path: Path) -> None:
    header = "Date,Country,Sales\n"
    parts(tmp_path, header + "\n".join(WORLD), header + "2026-07-09,Peru,5\n2026-07-09,Chile,6\n2026-07-09,World,11\n")
    assert figures(tmp_path, "SELECT count(*), sum(sales) FROM daily") == (18, 579)
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(UsageError, match="rows of 'World' are the sums of all others"):
        parts(other, header + "2026-07-09,Peru,5\n2026-07-09,Chile,6\n2026-07-09,World,11\n", header + "\n".join(WORLD))
    assert figures(other, "SELECT count(*), sum(sales) FROM daily") == (3, 22)


def _hourly(day: int) -> str:
    return ",".join(str((day * 7 + at * at) % 11) for at in range(24))


SHAPES = {
    "entries of a ledger": (
        "N° commande,Date de transaction,Numéro,Type,Montant",
        [
            f"N{at // 2},2026-07-{1 + at // 6:02d},T{at:04d},{('Vente', 'Frais')[at % 2]},{(90 + at, -9)[at % 2]}"
            for at in range(30)
        ],
    ),
    "hours side by side": (
        "Site,Date," + ",".join(f"H{hour}" for hour in range(1, 25)),
        [f"{site},2026-07-{day:02d},{_hourly(day + 3 * (site == 'B'))}" for day in range(1, 9) for site in "AB"],
    ),
    "codes that begin with zeros": (
        "Date,Plant,Item,Pieces",
        [f"2026-07-{1 + at // 4:02d},0001,I{at % 4},{at}" for at in range(32)],
    ),
    "what is nearly a level": (
        "Month,Existing contacts,Imported,Audience size",
        [
            f"2025-{at + 1:02d},{9000 + 90 * at + 7 * at % 5},{20 + at**3 % 17},{9100 + 90 * at + at**3 % 7}"
            for at in range(12)
        ],
    ),
    "amounts that came in and went out of an account": (
        "Dato,Ut fra konto,Inn på konto",
        [f"2026-07-{at + 1:02d}," + (f",{at}.15" if at % 3 == 0 else f"{at**2}.35,") for at in range(30)],
    ),
    "ids of few rows a day": (
        "Shipped,Shipment number,Weight (kg)",
        [f"2026-07-{1 + at * 2 // 3:02d},DE{at:05d},{at**3 % 19}.5" for at in range(24)],
    ),
    "a total that is read every hour": (
        "Moment,So far,Visits",
        [f"2026-07-0{1 + at // 12} {8 + at % 12:02d}:20,{at % 12 * 40 + at % 5},{at % 7}" for at in range(60)],
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_rows_of_any_shape_may_come_in_parts_or_the_parts_are_refused(tmp_path: Path, name: str) -> None:
    header, lines = SHAPES[name]
    shuffled = random.Random(name).sample(lines, len(lines))
    totals: list[dict[str, object]] = []
    for db, parts in (("whole.db", [lines]), ("parts.db", [shuffled[::2], shuffled[1::2]])):
        try:
            loaded_in_parts(tmp_path, db, header, parts)
        except UsageError:
            assert db == "parts.db"
            return
        names = [name for (name,) in rows(tmp_path / db, "SELECT name FROM daily_measures WHERE unit <> 'rate'")]
        sums = rows(tmp_path / db, f"SELECT {', '.join(f'sum({quoted(name)})' for name in names)} FROM daily")[0]
        totals.append({name: total for name, total in zip(names, sums, strict=True) if name != "events"})
    assert totals[0]
    if rows(tmp_path / "parts.db", "SELECT sum(replaced) FROM loads")[0][0]:
        return  # it is said first of all
    assert sorted(map(str, totals[0].values())) == sorted(map(str, totals[1].values()))


def quoted(name: str) -> str:
    return f'"{name}"'


def test_a_measure_that_another_file_counts_is_kept_out_where_the_user_says_so_and_else_told(tmp_path: Path) -> None:
    """Forty figures of `open_reqs` that vary are counted; two of a file with other columns are what there is, by their name."""
    lines = "".join(f"2026-03-{at // 2 + 1:02},{'NS'[at % 2]},{at * 7 % 10}\n" for at in range(40))
    load(tmp_path / "w.db", [written(tmp_path, "a.csv", f"date,site,open_reqs\n{lines}")])
    other = written(tmp_path, "b.csv", "date,market,open_reqs\n2026-04-01,ID,4\n2026-04-01,TH,5\n")
    (file,) = load(tmp_path / "w.db", [other]).files
    assert (measures(tmp_path), file.notes[0]) == (
        {"open_reqs"}, "added up anyway, as in earlier loads: open_reqs",
    )  # fmt: skip
    (file,) = load(tmp_path / "w.db", [other], rates=["Open reqs"]).files
    assert (measures(tmp_path), file.unchanged) == (set(), 2)
    undo(tmp_path / "w.db", 3)
    assert measures(tmp_path) == {"open_reqs"}
