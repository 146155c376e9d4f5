"""Files of one export that overlap, are cut up or written in another way: nothing counts twice, nothing is replaced but what is
corrected, and what cannot be told is refused.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.base.errors import UsageError
from core.workspace.read.given_measures import shadowed_measures
from core.workspace.write.load import load
from tests.ingest.shapes import days, figures, loads
from tests.workspace.loading import contents, rows

Rows = list[list[str]]
DAYS = days(8)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One export: its columns, its rows of a day, which columns are days and figures."""

    header: str
    of_day: Callable[[int, str], Rows]
    day: int = 0
    figures: tuple[int, ...]

    @property
    def rows(self) -> Rows:
        return [row for at, day in enumerate(DAYS) for row in self.of_day(at, day)]


def amount(at: int, other: int = 0) -> str:
    return f"{(at * 37 + other * 11) % 83 + 10}.{at + other + 10}"


SHAPES = {
    "days": Shape(header="Date,Visits,Spend", of_day=lambda at, day: [[day, str(at * 7 + 30), amount(at)]], figures=(1, 2)),
    "days of regions": Shape(
        header="Date,Region,Visits",
        of_day=lambda at, day: [[day, name, str(at * 13 + n * 40 + 7)] for n, name in enumerate(("North", "South", "West"))],
        figures=(2,),
    ),
    "names and ids": Shape(
        header="Day,Campaign ID,Campaign,Cost",
        of_day=lambda at, day: [[day, f"12{n}77", f"sale {n}", amount(at, n)] for n in range(2)],
        figures=(3,),
    ),
    "traffic": Shape(
        header="date,market,channel,impressions,clicks",
        of_day=lambda at, day: [[day, name, "live", str(at * 99 + 500), str(at + 20)] for name in ("ID", "TH")],
        figures=(3, 4),
    ),
    "orders": Shape(
        header="order_id,ordered_at,paid_at,product_id,units,gmv",
        of_day=lambda at, day: [[f"o{at}", day, day, name, "2", amount(at, n)] for n, name in enumerate("pq")],
        day=1,
        figures=(5,),
    ),
    "lines without a number": Shape(
        header="order_id,ordered_at,gmv",
        of_day=lambda at, day: [[f"o{at}", day, amount(at, n)] for n in range(2)],
        day=1,
        figures=(2,),
    ),
    "reviews": Shape(
        header="review_id,reviewed_at,rating,text",
        of_day=lambda at, day: [[f"r{at}{n}", day, str(n + 3), "fine"] for n in range(2)],
        day=1,
        figures=(),
    ),
    "payments": Shape(
        header="Customer,id,Created,Type,Amount",
        of_day=lambda at, day: [[f"c{(at + n) % 5}", f"pay_{at}{n}", f"{day} 1{n}:17", "sale", amount(at, n)] for n in range(3)],
        day=2,
        figures=(4,),
    ),
    "one figure a row": Shape(
        header="Date,Metric,Value",
        of_day=lambda at, day: [[day, "visits", str(at * 5 + 9)], *([[day, "leads", str(at + 2)]] if at % 3 else [])],
        figures=(2,),
    ),
    "refunds": Shape(
        header="Refund ID,Order Number,Refund date,Amount,Reason",
        of_day=lambda at, day: [[f"rf{at}{n}", f"o{at}", day, amount(at, n), ("late", "broken")[n]] for n in range(2)],
        day=2,
        figures=(3,),
    ),
    "videos": Shape(
        header="Video ID,Video title,Video publish time,Views,Likes",
        of_day=lambda at, day: [[f"v{at}xyz", f"about {at}", day, str(at * 50 + 900), str(at + 3)]],
        day=2,
        figures=(3, 4),
    ),
}  # fmt: skip

Export = tuple[list[str], Rows, str, str]
"""Columns, rows, delimiter, encoding."""


def as_it_was(names: list[str], body: Rows, shape: Shape) -> Export:
    return names, body, ",", "utf-8"


def backwards(names: list[str], body: Rows, shape: Shape) -> Export:
    return names[::-1], [row[::-1] for row in reversed(body)], "\t", "utf-16"


def with_commas(names: list[str], body: Rows, shape: Shape) -> Export:
    cells = [[cell.replace(".", ",") if at in shape.figures else cell for at, cell in enumerate(row)] for row in body]
    return [name.upper() for name in names], cells, ";", "utf-8-sig"


def with_german_days(names: list[str], body: Rows, shape: Shape) -> Export:
    def german(cell: str) -> str:
        return f"{cell[8:10]}.{cell[5:7]}.{cell[:4]}{cell[10:]}"

    return names, [[*row[: shape.day], german(row[shape.day]), *row[shape.day + 1 :]] for row in body], ",", "utf-8"


def with_midnights(names: list[str], body: Rows, shape: Shape) -> Export:
    midnight = "" if ":" in body[0][shape.day] else " 00:00:00"
    return names, [[*row[: shape.day], row[shape.day] + midnight, *row[shape.day + 1 :]] for row in body], ",", "utf-8"


def with_a_shop(names: list[str], body: Rows, shape: Shape) -> Export:
    return [*names, "Shop name"], [[*row, "Berlin"] for row in body], ",", "utf-8"


FORMS = (as_it_was, backwards, with_commas, with_german_days, with_midnights, with_a_shop)


def written(export: Export) -> bytes:
    names, body, delimiter, encoding = export
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows([names, *body])
    return text.getvalue().encode(encoding)


def corrected(body: Rows, shape: Shape) -> Rows:
    """The rows of yesterday: those of the first days, one figure not yet as it is now."""
    early = [list(row) for row in body if row[shape.day][:10] < DAYS[-2]]
    for at in shape.figures[:1]:
        early[-1][at] = "7.77" if "." in early[-1][at] else "4"
    return early


def facts(db: Path) -> object:
    """All that a workspace says, but for the numbers that lines of an order got by their place."""
    return {
        **contents(db),
        "orders": rows(db, "SELECT order_id, ordered_at, product_id, units, gmv FROM orders ORDER BY 1, 3, 5"),
    }


@pytest.mark.parametrize("name", SHAPES)
def test_the_export_of_today_after_that_of_yesterday_is_that_of_today(tmp_path: Path, name: str) -> None:
    shape = SHAPES[name]
    names, body = shape.header.split(","), shape.rows
    loads(tmp_path, written((names, body, ",", "utf-8")), "today.csv")
    (tmp_path / "w.db").rename(tmp_path / "once.db")
    for number, form in enumerate(
        FORMS[[*SHAPES].index(name) % 2 :: 2]
    ):  # half of the forms: each has half of the shapes
        loads(tmp_path, written((names, corrected(body, shape), ",", "utf-8")), f"yesterday{number}.csv")
        (file,) = loads(tmp_path, written(form(names, body, shape)), f"today{number}.csv").files
        assert facts(tmp_path / "w.db") == facts(tmp_path / "once.db"), form.__name__
        assert file.replaced == len(shape.figures[:1]), form.__name__
        if form is backwards:
            assert not loads(tmp_path, written(as_it_was(names, body, shape)), "again.csv").files[0].accepted
        (tmp_path / "w.db").unlink()


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("together", [False, True], ids=["one after the other", "together"])
def test_any_split_gives_the_same_workspace_or_a_refusal(tmp_path: Path, name: str, together: bool) -> None:
    shape = SHAPES[name]
    body = shape.rows
    loads(tmp_path, written((shape.header.split(","), body, ",", "utf-8")), "whole.csv")
    (tmp_path / "w.db").rename(tmp_path / "once.db")
    splits = ([body[at::3] for at in range(3)], [body[5:], body[:5]], [body[:2], body[2:]])
    for number, parts in enumerate(splits[:1] if together else splits):
        folder = tmp_path / str(number)
        folder.mkdir()
        if loaded_in_parts(folder, shape, parts, together=together):
            assert sums(folder / "w.db") == sums(tmp_path / "once.db"), parts
            assert rows(folder / "w.db", "SELECT sum(replaced) FROM loads") == [(0,)]


def loaded_in_parts(folder: Path, shape: Shape, parts: Sequence[Rows], *, together: bool) -> bool:
    """Whether all parts came in and none replaced another, which the load says."""

    files = [folder / f"{number}.csv" for number in range(len(parts))]
    for file, part in zip(files, parts, strict=True):
        file.write_bytes(written((shape.header.split(","), part, ",", "utf-8")))
    try:
        reports = [load(folder / "w.db", files)] if together else [load(folder / "w.db", [file]) for file in files]
    except UsageError as error:
        assert any(hint in str(error) for hint in ("--dimension", "gives other figures", "too few to show"))  # noqa: PT017 - one of two answers
        return False
    said = [note for report in reports for file in report.files for note in file.notes]
    return not any(report.refused for report in reports) and not any("replaced other figures" in note for note in said)


def sums(db: Path) -> list[object]:
    """The sums of every figure of a workspace; of a first file too short to tell, nobody counts the events."""
    names = [
        name
        for (name,) in rows(db, "SELECT name FROM daily_measures WHERE name NOT IN ('events', 'refunds') ORDER BY 1")
    ]
    daily = rows(db, f"SELECT {', '.join(f'round(total({name}), 4)' for name in names)} FROM daily") if names else []
    facts = ("orders_rows", "traffic_rows", "reviews_rows", "videos", "daily_rows")
    counts = [rows(db, f"SELECT count(*) FROM {table}") for table in facts if not names or table != "daily_rows"]
    amounts = "(SELECT sum(gmv) FROM orders), (SELECT sum(impressions) FROM traffic), (SELECT sum(views) FROM videos)"
    return [daily, counts, rows(db, f"SELECT {amounts}")]


def days_of(names: str, row: Callable[[int, str], list[str]]) -> str:
    return "\n".join([names, *(line for at, day in enumerate(DAYS) for line in row(at, day))]) + "\n"


TOTALS = days_of("Date,Sessions", lambda at, day: [f"{day},{at * at + 30}"])
BY_CHANNEL = days_of(
    "Date,Channel,Sessions", lambda at, day: [f"{day},live,{at + 9}", f"{day},video,{at * at + 21 - at}"]
)
BY_DEVICE = days_of("Date,Device,Sessions", lambda at, day: [f"{day},phone,{at * at}", f"{day},tablet,30"])


@pytest.mark.parametrize(("first", "second"), [(TOTALS, BY_CHANNEL), (BY_CHANNEL, TOTALS), (BY_CHANNEL, BY_DEVICE)])
def test_the_same_figures_in_another_cut_are_refused(tmp_path: Path, first: str, second: str) -> None:
    loads(tmp_path, first, "first.csv")
    corrected_last = second.rstrip() + "9\n"
    with pytest.raises(UsageError, match="its sessions of 8 days are those that the workspace holds .* count twice"):
        loads(tmp_path, corrected_last, "second.csv")
    assert figures(tmp_path, "SELECT sum(sessions) FROM daily") == (8 * 30 + 140,)


def test_other_figures_in_a_finer_cut_are_said(tmp_path: Path) -> None:
    loads(tmp_path, TOTALS, "first.csv")
    (file,) = loads(tmp_path, BY_CHANNEL.replace(",live,", ",live,5"), "second.csv").files
    assert file.notes[0] == ("the workspace already has sessions for 8 of its days without slices: both are added up")


def test_a_few_rows_are_named_as_those_of_the_file_before(tmp_path: Path) -> None:
    shape = SHAPES["payments"]
    names = shape.header.split(",")
    loads(tmp_path, written((names, shape.rows, ",", "utf-8")))
    (file,) = loads(tmp_path, written((names, shape.rows[:3], ",", "utf-8")), "few.csv").files
    assert (file.unchanged, file.accepted) == (3, 0)
    assert "each row is an event, known by its id" in file.notes


@pytest.mark.parametrize("amount", ["0", ""])
def test_no_file_of_a_load_takes_the_figure_of_a_named_row(tmp_path: Path, amount: str) -> None:
    shape = SHAPES["payments"]
    changed = [[*row[:4], amount if row[1] == "pay_31" else row[4]] for row in shape.rows]
    assert not loaded_in_parts(tmp_path, shape, [shape.rows, changed], together=True)
    assert rows(tmp_path / "w.db", "SELECT sum(replaced) FROM loads") == [(0,)]


def test_a_column_that_is_blank_in_one_file_leaves_the_kind_as_it_was(tmp_path: Path) -> None:
    text = "Date,Clicks,Leads\n" + "".join(f"{day},{at + 5},{{{at}}}\n" for at, day in enumerate(DAYS))
    filled, blank = text.format(*range(3, 11)), text.format(*[""] * 8)
    assert loads(tmp_path, filled, "filled.csv").files[0].kind == "daily"
    assert loads(tmp_path, blank.replace("2026-07", "2026-08"), "blank.csv").files[0].kind == "daily"
    (tmp_path / "w.db").unlink()
    assert loads(tmp_path, blank, "blank.csv").files[0].kind == "traffic"
    with pytest.raises(UsageError, match="taken for traffic, since some of them had no figures"):
        loads(tmp_path, filled.replace("2026-07", "2026-08"), "filled.csv")


def test_figures_that_rows_of_another_kind_give_are_said_to_be_left_out(tmp_path: Path) -> None:
    loads(tmp_path, days_of("date,impressions,clicks", lambda at, day: [f"{day},{at + 90},{at + 5}"]), "traffic.csv")
    assert shadowed_measures(tmp_path / "w.db", {"traffic"}) == ()
    loads(tmp_path, days_of("date,clicks,saves", lambda at, day: [f"{day},{at + 5},{at}"]), "daily.csv")
    (said,) = shadowed_measures(tmp_path / "w.db", {"daily"})
    assert said.startswith("clicks: only rows of traffic are counted, not those of daily exports")
    assert shadowed_measures(tmp_path / "w.db", {"reviews"}) == ()


def test_refunds_are_no_orders_and_orders_that_lack_a_column_are_no_days(tmp_path: Path) -> None:
    shape = SHAPES["refunds"]
    loads(tmp_path, written((shape.header.split(","), shape.rows, ",", "utf-8")), "refunds.csv")
    assert figures(tmp_path, "SELECT count(*), count(DISTINCT reason) FROM daily") == (16, 2)
    orders = (
        "Name,Financial Status,Created at,Lineitem name,Lineitem price\n#1,paid,2026-07-01 10:00:00 +0200,Mug,9.5\n"
    )
    with pytest.raises(UsageError, match="the columns of the preset shopify-orders without 'Lineitem quantity'"):
        loads(tmp_path, orders, "orders.csv")
