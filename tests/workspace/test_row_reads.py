"""What each analysis reads of the rows, from a handful of rows counted by hand."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, parse_day
from core.base.errors import UsageError
from core.base.segment import EVERYTHING, Segment
from core.workspace.read.rows import index_rows, risk_rows
from core.workspace.read.rows.agencies import agencies, busiest_share
from core.workspace.read.rows.sales_rows import sales_rows
from core.workspace.read.rows.voice_rows import voice_orders, voice_reviews
from core.workspace.read.segment_columns import segment_columns
from core.workspace.read.table_export import TableRows
from core.workspace.read.workspace import Workspace
from core.workspace.schema.columns import ColumnExpression
from core.workspace.schema.connection import open_read
from core.workspace.schema.load_log import rejects
from core.workspace.write.load import load
from tests.workspace.loading import written

DAY = parse_day("2026-03-01")
FILES = {
    "orders": """\
order_id,ordered_at,product_id,creator_id,seller_id,buyer_id,market,gmv,paid_at,cancelled_at,cancelled_by,refunded_at,refund_amount,refund_reason
a,2026-03-01T08:00:00Z,p1,c1,s1,b1,ID,10,2026-03-01T08:05:00Z,,,2026-03-09T01:00:00Z,4,broken
b,2026-03-01T09:00:00Z,p2,c1,s1,b1,TH,20.5,2026-03-01T09:05:00Z,,,,,
c,2026-03-02T08:00:00Z,p1,,s2,b2,ID,30,,2026-03-02T10:00:00Z,seller,,,
d,2026-03-03T08:00:00Z,p1,c2,s2,b1,TH,40,2026-03-03T08:05:00Z,,,2026-03-04T01:00:00Z,40,late
e,2026-03-12T08:00:00Z,p3,c2,s2,,TH,50,2026-03-12T08:05:00Z,,,,,
f,2026-03-12T08:00:00Z,p3,c2,s2,b3,TH,many,2026-03-12T08:05:00Z,,,,,
""",
    "reviews": """\
review_id,order_id,reviewed_at,rating,text,market
r1,a,2026-03-03T10:00:00Z,1,It broke after a day,
r2,,2026-03-03T11:00:00Z,5,,TH
r3,d,2026-03-05T11:00:00Z,2,never came here,
""",
    "violations": """\
violation_id,occurred_at,policy,points,creator_id,overturned_at
v1,2026-03-02,spam,2,c1,2026-03-06
v2,2026-03-02,fake,4,c2,
""",
    "traffic": "date,market,creator_id,impressions\n2026-03-01,ID,c1,100\n2026-03-02,TH,,50\n",
    "products": "product_id,title,market,listed_on\np1,One,,2026-01-05\np9,Nine,TH,\n",
    "creators": "creator_id,agency_id,joined_on\nc1,AG,2026-02-01\nc2,,\nc8,AG,2026-02-08\n",
}  # fmt: skip
WEEK = Window(DAY, DAY + 6)
TH = Segment.parse("market=TH")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("rows")
    load(folder / "w.db", [written(folder, f"{name}.csv", text) for name, text in FILES.items()])
    with Workspace.open(folder / "w.db") as opened:
        yield opened


def named(workspace: Workspace, dimension: str, codes: np.ndarray) -> list[str]:
    words = workspace.values(dimension)
    return [words[code] for code in codes.tolist()]


def test_sales_are_paid_lines_with_creator_and_product(workspace: Workspace) -> None:
    sales = sales_rows(workspace, Window(DAY, DAY + 20))
    assert sales.days.tolist() == [DAY, DAY, DAY + 2, DAY + 11]
    assert sales.gmv.tolist() == [10, 20.5, 40, 50]
    assert sales.refunded.tolist() == [DAY + 8, 0, DAY + 3, 0]
    assert named(workspace, "creator_id", sales.codes["creator_id"]) == ["c1", "c1", "c2", "c2"]
    assert [sales.words["product_id"][code] for code in sales.codes["product_id"]] == ["p1", "p2", "p1", "p3"]


def test_voice_reads_refunds_cancellations_and_texts(workspace: Workspace) -> None:
    orders = voice_orders(workspace, WEEK, EVERYTHING, ("market",))
    assert (orders.gmv.tolist(), orders.refund_amount.tolist()) == (
        [10, 20.5, 30, 40],
        pytest.approx([4, 0, 0, 40], nan_ok=True),
    )
    assert named(workspace, "market", orders.codes["market"]) == ["ID", "TH", "ID", "TH"]
    assert orders.cancelled.tolist() == [0, 0, DAY + 1, 0]
    assert np.diff(orders.ids).min() > 0
    assert len(voice_orders(workspace, WEEK, TH, ()).ids) == 2
    reviews = voice_reviews(workspace, WEEK, EVERYTHING, ("market",))
    assert (reviews.review_ids, reviews.ratings.tolist()) == (["r1", "r2", "r3"], [1, 5, 2])
    assert [text or "" for text in reviews.texts] == ["It broke after a day", "", "never came here"]
    assert named(workspace, "market", reviews.codes["market"]) == ["ID", "TH", "TH"], (
        "of the order, else the review's own"
    )
    assert [line > 0 for line in reviews.order_lines.tolist()] == [True, False, True]
    assert voice_reviews(workspace, WEEK, TH, ()).review_ids == ["r2", "r3"]


def test_leads_see_refunds_only_when_they_are_known(workspace: Workspace) -> None:
    orders = risk_rows.orders(workspace, WEEK, EVERYTHING)
    assert orders["refunded"].tolist() == [0, 0, 0, DAY + 3]
    assert (orders["moment"] % 86_400).tolist() == [8 * 3600, 9 * 3600, 8 * 3600, 8 * 3600]
    reviews = risk_rows.reviews(workspace, WEEK, EVERYTHING)
    assert reviews["ordered"].tolist() == [DAY, 0, DAY + 2]
    assert named(workspace, "creator_id", reviews["creator_id"]) == ["c1", "", "c2"]
    violations = risk_rows.violations(workspace, WEEK, EVERYTHING)
    assert violations["overturned"].tolist() == [DAY + 5, 0]


def test_a_text_is_repeated_from_five_copies_of_twelve_letters_on(tmp_path: Path) -> None:
    texts = ["great shop here"] * 5 + ["great stuff"] * 6 + ["only four times"] * 4
    lines = [f"r{at},2026-03-0{1 + at % 3},5,{text}" for at, text in enumerate(texts)]
    path = written(tmp_path, "reviews.csv", "\n".join(["review_id,reviewed_at,rating,text", *lines]))
    load(tmp_path / "w.db", [path])
    with Workspace.open(tmp_path / "w.db") as opened:
        found = risk_rows.repeated_texts(opened, WEEK)
        ids = risk_rows.reviews(opened, WEEK, EVERYTHING)["id"]
        assert risk_rows.repeated_texts(opened, Window(DAY, DAY)).texts == ()
    assert found.texts == ("great shop here",)
    assert sorted(found.number_of(ids).tolist()) == [-1] * 10 + [0] * 5
    assert risk_rows.RepeatedTexts((), found.row[:0], found.text[:0]).number_of(ids[:2]).tolist() == [-1, -1]


def test_indexes_read_rows_listings_and_joinings(workspace: Workspace) -> None:
    facts = index_rows.fact_columns(workspace, "orders", WEEK, TH, ("market", "channel"))
    assert facts.inside.tolist() == [False, True, False, True]
    assert facts.columns["paid"].tolist() == [1, 1, 0, 1]
    assert facts.codes["channel"].tolist() == [0, 0, 0, 0]
    inside = facts.rows(facts.inside)
    assert named(workspace, "creator_id", inside.columns["creator"]) == ["c1", "c2"]
    assert inside.columns["buyer"][0] == inside.columns["buyer"][1] > 0
    traffic = index_rows.fact_columns(workspace, "traffic", WEEK, EVERYTHING, ())
    assert traffic.columns["impressions"].tolist() == [100, 50]
    products = index_rows.listed_products(workspace)
    words = workspace.values("product_id")
    assert [words[code] if code >= 0 else "" for code in products.code.tolist()] == ["p1", ""]
    assert products.since.tolist() == [parse_day("2026-01-05"), index_rows.NEVER]
    assert products.lies_in(TH).tolist() == [False, True]
    assert products.lies_in(Segment.parse("channel=live")).tolist() == [True, True], "no listing says its channel"
    joined = dict(zip(workspace.values("creator_id"), index_rows.joined_days(workspace).tolist(), strict=True))
    assert (joined["c1"], joined["c2"]) == (parse_day("2026-02-01"), index_rows.NEVER)


def test_segments_agencies_and_busy_buyers(workspace: Workspace) -> None:
    ids = {"id": ColumnExpression("r.id")}
    for text, rows in (("market=TH", 3), ("market=ID|TH", 5), ("creator_id=c1", 2)):
        assert len(segment_columns(workspace, "orders", ids, Window(DAY, DAY + 20), Segment.parse(text))["id"]) == rows
    with pytest.raises(UsageError, match="no dimension 'shop'"):
        segment_columns(workspace, "orders", ids, WEEK, Segment.parse("shop=1"))
    connection = open_read(workspace.path)
    assert agencies(connection) == {"c1": "AG", "c8": "AG"}
    assert busiest_share(connection, "market = 'TH'") == 1
    assert busiest_share(connection, "market = 'BR'") is None
    connection.close()


def test_tables_are_exported_whole_and_refused_rows_are_found(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.workspace.read.table_export.BLOCK", 2)
    orders = TableRows(workspace.path, "orders")
    at = orders.columns.index("order_id")
    assert [[row[at] for row in block] for block in orders.blocks()] == [["a", "b"], ["c", "d"], ["e"]]
    with pytest.raises(UsageError, match="no table 'order'. Did you mean orders"):
        TableRows(workspace.path, "order")
    (refused,) = rejects(workspace.path)
    assert refused.line == 7
    for words, found in (("many", 1), ("orders man", 1), ("b3", 1), ("few", 0), ("many b9", 0), ("zz", 0)):
        assert len(rejects(workspace.path, search=words)) == found
    assert rejects(workspace.path, limit=0) == ()
    with pytest.raises(UsageError, match="no load 99"):
        rejects(workspace.path, 99)
