"""How the columns and rows of a table of days are read: what counts, what slices, what is left out, at their limits."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.base.errors import NoDailyFigures
from core.catalogue.kinds import KINDS, CellType
from core.ingest.columns.column_profile import Columns, profiles
from core.ingest.formats.batch import TextBatch
from core.ingest.mapping.column_plan import ColumnPlan, Plan
from core.ingest.plans import daily_plan, earlier_loads, row_identity, table_rows
from core.ingest.plans.event_rows import with_events
from core.ingest.request import ORDER_AMOUNT, EarlierReading, Request
from core.ingest.values.moment_text import DateReading

DAYS = [f"2026-07-{day:02d}" for day in range(1, 13)]


def texts_of(**cells: list[str | None]) -> TextBatch:
    return TextBatch(
        {name.replace("_", " "): pa.array(own, pa.string()) for name, own in cells.items()},
        np.arange(len(next(iter(cells.values())))),
    )


def columns_of(**cells: list[str | None]) -> Columns:
    texts = texts_of(**cells)
    return profiles(texts, [*texts.columns])


def planned(**cells: list[str | None]) -> tuple[list[str], list[str], list[str], list[str]]:
    columns = columns_of(Day=[*DAYS[: len(next(iter(cells.values())))]], **cells)
    plan = daily_plan.daily_plan([*columns], columns, (), period=False)
    return [*plan.measures], [*plan.rates], [*plan.dimensions], [*plan.spare]


def test_what_columns_become() -> None:
    assert planned(orders=["5", "6", "7"], Shop_word=["a", "b", "a"]) == (["orders"], [], [], ["Shop word"])
    assert planned(visits=["5", "6", "7"], Share=["5%", "6%", "7%"]) == (["visits", "share"], ["share"], [], [])
    assert planned(visits=["5", "6", "7"], Market=["DE", "FR", "DE"])[2] == ["market"]
    assert planned(visits=["5", "6", "7"], Currency=["EUR", "USD", "EUR"])[2] == ["currency"]
    assert planned(visits=["5", "6", "7"], Currency=["EUR", "EUR", "EUR"])[2] == []
    assert planned(visits=["5", "6", "7"], Kind=["in", "out", "in"])[2] == ["kind"]
    assert planned(visits=["5", "6", "7"], Kind=["in", "out", "other"])[2:] == ([], ["Kind"])
    assert planned(visits=["5", "6", "7"], ticket_id=["5001", "5002", "5003"])[0] == ["visits"]
    assert planned(visits=["5", "6", "7"], blank=[None, None, None])[0] == ["visits"]
    assert planned(visits=["5", "6", "7"], Zorks=["0:10:00", "0:20:00", "1:00:00"])[:2] == (
        ["visits", "zorks"],
        ["zorks"],
    )
    assert planned(no=["1", "2", "3"], visits=["5", "6", "7"])[0] == ["visits"]
    for cells in ({"Share": ["5%", "6%", "7%"]}, {"word": ["x", "y", "x"]}):
        with pytest.raises(NoDailyFigures, match="no column holds figures that can be added up"):
            planned(**cells)


def test_rows_that_are_events() -> None:
    def are(day: list[str | None], *, have_figures: bool = False, **cells: list[str | None]) -> bool:
        return daily_plan._are_events(columns_of(Day=day, **cells), "Day", have_figures=have_figures)

    words: list[str | None] = ["a", "b", "c", "a", "b", "c"]
    timed: list[str | None] = [f"2026-07-01 {hour:02d}:{hour * 7:02d}" for hour in (1, 2, 4, 5, 6, 8)]
    twice: list[str | None] = [*DAYS[:3], *DAYS[:3]]
    assert are(timed, word=words)
    assert are(twice, word=words)
    assert not are(twice, word=words, have_figures=True)
    assert not are([*DAYS[:4], *DAYS[:2]], word=words), "six rows of four days"
    assert not are(twice)
    assert not are(twice, word=["5 pcs", "6 pcs", "7 pcs", "8 kg", "9 kg", "x"])
    assert are(twice, word=["5 pcs", "6 pcs", "7 pcs", "x", "y", "z"]), "most have no unit"
    assert not daily_plan._are_events(columns_of(Day=["x", "y"], word=["a", "b"]), "Day", have_figures=False)
    assert not daily_plan._are_events(columns_of(word=["a", "b"]), None, have_figures=False)
    hours: list[str | None] = [f"{day} {hour:02d}:00" for day in DAYS for hour in range(24)]
    many: list[str | None] = ["a", "b"] * 144
    assert not are(hours, word=many), "they are sampled"
    ids: list[str | None] = [f"T{at}" for at in range(288)]
    assert are(hours, word=many, ticket_id=ids)
    assert not are(hours, word=many, ticket_id=[*ids[1:], "T5"])


def test_names_that_are_taken() -> None:
    used: set[str] = {"date", "calls", "calls_2"}
    for name, currency, target in (
        ("Calls", None, "calls_3"),
        ("Sales", "EUR", "sales_eur"),
        ("date", None, "date_"),
        ("!!", None, "column"),
        ("New", None, "new"),
    ):
        assert daily_plan._target(name, used, currency) == target
    plan = Plan(
        KINDS["daily"],
        (ColumnPlan("date", CellType.DAY, "Day"), ColumnPlan("shop", CellType.WORD, "Shop")),
        dimensions=("shop",),
        spare=("Town", "Kind"),
    )
    made = daily_plan.sliced(plan, ["Town", "Shop"])
    assert (made.dimensions, made.spare) == (("shop", "town"), ("Kind",))


def daily(*figures: str, **more: Any) -> Plan:
    counted = (ColumnPlan(name.casefold(), CellType.NUMBER, name) for name in figures)
    return Plan(
        KINDS["daily"],
        (ColumnPlan("date", CellType.DAY, "Day"), *counted),
        measures=tuple(map(str.casefold, figures)),
        **more,
    )


def test_a_first_row_that_says_what_the_columns_are() -> None:
    for day, figure, described in (
        ("", "pcs", {0}),
        ("unit", "pcs", {0}),
        ("2026-07-01", "pcs", set()),
        ("", "5", set()),
        ("", None, set()),
        ("x", "n/a", set()),
    ):
        texts = texts_of(Day=[day or None, *DAYS], Visits=[figure, *map(str, range(1, 13))])
        assert table_rows._described(daily("Visits"), profiles(texts, [*texts.columns]), texts) == described, (
            day,
            figure,
        )
    none = TextBatch({"Day": pa.array([], pa.string()), "Visits": pa.array([], pa.string())}, np.arange(0))
    assert table_rows._described(daily("Visits"), profiles(none, ["Day", "Visits"]), none) == set()
    commas = texts_of(Day=DAYS[:2], Visits=["1,5", None])
    plan = daily("Visits", decimal=",")
    figures = table_rows._figures(plan.with_each(lambda column: column), commas)
    assert (figures["visits"][0], bool(np.isnan(figures["visits"][1])), [*figures]) == (1.5, True, ["visits"])


def test_words_of_totals() -> None:
    texts = texts_of(shop=["A", "B", " All ", None], town=["x", "x", "x", "y"])
    assert earlier_loads.known_totals(texts, {"shop": ["All"]}) == {2}
    assert earlier_loads.known_totals(texts, {"zorks": ["All"]}) == set()
    assert earlier_loads.known_totals(texts, {"town": ["x"], "shop": ["All"]}) == {0, 1, 2}
    assert earlier_loads.known_totals(texts, {"town": ["x", "y"]}) == set(), "all rows are none"
    columns = profiles(texts, ["shop", "town"])
    assert earlier_loads.words_of_totals(texts, columns, {2}) == {"shop": ["All"]}
    assert earlier_loads.words_of_totals(texts, columns, {2, 3}) == {"shop": ["All"], "town": ["y"]}
    assert earlier_loads.counted_columns(daily("Visits")) == ("Visits",)
    assert earlier_loads.counted_columns(daily("Visits", preset="x")) == ()
    for decimals, orders, marks in (
        (("auto", ","), ("dmy",), {"decimal": ",", "date_order": "dmy"}), ((".", ","), ("ymd",), {}), ((None, None),
        (None,), {}), ((",", ","), ("dmy", "mdy"), {"decimal": ","}),
    ):  # fmt: skip
        columns_read = [ColumnPlan(f"c{at}", CellType.NUMBER, "x", decimal=mark) for at, mark in enumerate(decimals)]
        days = [
            ColumnPlan(f"d{at}", CellType.DAY, "y", dates=DateReading(order=order)) for at, order in enumerate(orders)
        ]
        assert earlier_loads.written_marks(Plan(KINDS["daily"], (*columns_read, *days))) == marks


class Texts:
    def __init__(self, *batches: TextBatch) -> None:
        self.batches = batches

    def texts(self, names: Any) -> Any:
        for batch in self.batches:
            yield TextBatch({name: batch.columns[name] for name in names}, batch.records)

    def locate(self, records: Any) -> Any:
        raise NotImplementedError


def test_columns_that_tell_rows_of_one_day_apart() -> None:
    def needed(days: list[str | None], **words: list[str | None]) -> list[str]:
        rows = len(days)
        texts = texts_of(Day=days, Visits=[*map(str, range(rows))], **words)
        return row_identity._needed(daily("Visits", spare=tuple(words)), Texts(texts))

    twice: list[str | None] = [DAYS[0], DAYS[0], DAYS[1], DAYS[1]]
    assert needed(twice, shop=["A", "B", "A", "B"]) == ["shop"]
    assert needed([*DAYS[:4]], shop=["A", "B", "A", "B"]) == []
    assert needed(twice, town=["x", "x", "x", "x"], shop=["A", "B", "A", "B"]) == ["shop"]
    assert needed([DAYS[0]] * 4, town=["x", "x", "y", "y"], shop=["A", "B", "A", "B"]) == ["town", "shop"]
    assert needed(twice, town=["x", "x", "x", "x"]) == []
    assert needed(["2026-07-01 10:00", "2026-07-01 11:00"], shop=["A", "B"]) == ["shop"], "only the day counts"
    same = texts_of(Day=[DAYS[0]] * 2, Visits=["5", "5"], shop=["A", "A"])
    assert row_identity._needed(daily("Visits", spare=("shop",)), Texts(same)) == [], (
        "rows that are equal in every column"
    )
    assert row_identity._needed(daily("Visits", spare=("shop",)), Texts()) == []
    batches = (texts_of(a=["p", "q"]), TextBatch({"a": pa.array(["r", None])}, np.array([2, 3])))
    hashes = [
        row_identity.content_hashes(Texts(*batches), ["a"], np.array(chosen)).tolist()
        for chosen in ([0, 1, 2, 3], [3, 0], [2])
    ]
    assert len({*hashes[0]}) == 4
    assert (hashes[1], hashes[2]) == ([hashes[0][3], hashes[0][0]], [hashes[0][2]])


def test_orders_are_sliced_as_before() -> None:
    from types import SimpleNamespace
    from typing import cast

    recognized = cast(Any, SimpleNamespace(names=("Order ID", "Shop Kind", "Order amount")))
    earlier = EarlierReading("orders", ("shop_kind", "order_id", ORDER_AMOUNT))
    request = earlier_loads._for_orders(Request(dimensions=("Town",)), recognized, earlier)
    assert (request.as_kind, request.dimensions) == ("orders", ("Town", "Shop Kind"))


def test_rows_are_named_as_before() -> None:
    texts = texts_of(
        Day=DAYS[:6], Ticket_ID=[f"T{at}" for at in range(6)], Town=["a", "b", "a", "b", "a", "b"], Visits=[*"567856"]
    )
    columns = profiles(texts, [*texts.columns])

    def known(*before: str) -> tuple[str, tuple[str, ...]]:
        plan = with_events(daily("Visits"), columns, texts, {}, before)
        return (plan.notes[-1].partition("known by ")[2] if plan.notes else "", plan.dimensions)

    assert known("row_key:Ticket ID", "town") == ("its Ticket ID", ("town",))
    assert known("row_key:Ticket ID", "ticket_id") == ("its time and its texts", ("ticket_id",))
    assert known("row_key:Ticket ID", "row_key:Town") == ("its time and its texts", ())
    assert known("town") == ("", ()), "they were no events"


def test_what_names_the_rows_of_events() -> None:
    def key(days: list[str | None], **more: list[str | None]) -> list[str | None]:
        texts = texts_of(Day=days, Visits=[str(at * 7 % 5 + 3) for at in range(len(days))], **more)
        columns = profiles(texts, [*texts.columns])
        return [column.source for column in with_events(daily("Visits"), columns, texts, {}, None).key]

    towns: list[str | None] = ["a", "b", "a", "b", "a", "b"]
    timed: list[str | None] = [f"2026-07-0{at + 1} 10:0{at}" for at in range(6)]
    twice: list[str | None] = [*DAYS[:2]] * 3
    ids: list[str | None] = [f"T{at}" for at in range(6)]
    assert key(timed, Town=towns) == ["Day", "Town"]
    assert key(timed[:4], Town=towns[:4]) == [], "four rows"
    assert key(timed[:5], Town=towns[:5]) == ["Day", "Town"]
    assert key(twice, Ticket_ID=ids) == ["Day", "Ticket ID"]
    assert key(twice, Ticket_ID=ids, Title=[f"title {at}x" for at in range(6)]) == ["Day", "Ticket ID"]
    assert key(twice, Title=[f"title {at}x" for at in range(6)]) == ["Day", "Title"]
    assert key(twice, Town=towns) == [], "no column differs in nearly all rows"
    assert key([*DAYS[:6]], Ticket_ID=ids) == [], "a row a day"
    assert key([*DAYS[:5], DAYS[0]], Ticket_ID=ids) == ["Day", "Ticket ID"]
    assert key([*DAYS[:5], DAYS[0]], Title=[f"title {at}x" for at in range(6)]) == []
    assert key([*DAYS[:3]] * 2, Title=[f"title {at}x" for at in range(6)]) == ["Day", "Title"], (
        "half as many days as rows"
    )
    assert key([DAYS[0]] * 6, Ticket_ID=ids) == []
    many: list[str | None] = [f"T{at}" for at in range(19)]
    assert key([*DAYS[:5]] * 4, Ticket_ID=[*many, None], Town=["a", "b"] * 10) == ["Day", "Ticket ID", "Town"]
    assert key(twice, Clock=[f"10:0{at}" for at in range(6)], Town=towns) == ["Day", "Clock", "Town"]
    orders: list[str | None] = [f"A{at // 2 + 100}" for at in range(24)]
    lines: list[str | None] = ["1", "2"] * 12
    assert key([DAYS[at // 4] for at in range(24)], Order=orders, Line=lines) == ["Day", "Order", "Line"]
    assert key([DAYS[at // 4] for at in range(24)], Order=orders, Line=["1", "3"] * 12) == []
    for same, found in ((1, True), (3, False)):
        other = [f"A{max(at // 2, same) + 100}" for at in range(24)]
        assert bool(key([DAYS[at // 4] for at in range(24)], Order=[*other], Line=lines)) == found, "nine of ten orders"
