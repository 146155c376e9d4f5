"""What a load says and counts of whole orders, of kinds without a dimension, and of files that others were loaded before."""

from pathlib import Path

import pytest

from core.base.days import Window
from core.base.errors import UsageError
from core.base.segment import EVERYTHING, Segment
from core.views.metric_series import series
from core.workspace.read.workspace import Workspace
from tests.workspace.loading import loaded, rows, written


def test_the_amount_of_an_order_counts_once_in_whatever_files_its_lines_came(tmp_path: Path) -> None:
    db, head = tmp_path / "w.db", "Order ID,Order date,SKU,Quantity,Order total\n"
    first = "1,2026-01-01,p,1,50\n1,2026-01-01,q,1,50\n2,2026-01-01,p,1,30\n3,2026-01-02,p,1,20\n3,2026-01-02,r,2,20\n"
    loaded(db, written(tmp_path, "a.csv", head + first), as_kind="orders")
    assert rows(db, "SELECT order_id, sum(gmv) FROM orders GROUP BY 1") == [("1", 50.0), ("2", 30.0), ("3", 20.0)]
    later = "1,2026-01-01,s,1,50\n4,2026-01-03,p,1,10\n4,2026-01-03,q,1,10\n"
    loaded(db, written(tmp_path, "b.csv", head + later))
    assert rows(db, "SELECT order_id, count(*), sum(gmv) FROM orders GROUP BY 1") == [
        ("1", 3, 50.0), ("2", 1, 30.0), ("3", 2, 20.0), ("4", 2, 10.0)
    ]  # fmt: skip


def test_rows_of_a_kind_without_a_dimension_have_none_of_its_values(tmp_path: Path) -> None:
    db, days = tmp_path / "w.db", Window.parse("2026-01-01..2026-01-02")
    loaded(db, written(tmp_path, "t.csv", "date,market,clicks\n2026-01-01,ID,5\n2026-01-02,TH,7\n"))
    text = "date,branch,likes\n2026-01-01,north,2\n2026-01-01,south,3\n"
    loaded(db, written(tmp_path, "d.csv", text), dimensions=["branch"])
    with Workspace.open(db) as workspace:

        def of(measure: str, where: str) -> float:
            return float(workspace.cube([measure], days, [], Segment.parse(where)).daily(measure).sum())

        assert (of("clicks", ""), of("likes", "")) == (12, 5)
        assert (of("clicks", "branch=north"), of("likes", "branch=north")) == (0, 2)
        assert (of("clicks", "market=TH"), of("likes", "market=TH")) == (7, 0)


@pytest.mark.parametrize(("read", "said"), [(99, True), (100, False)])
def test_a_file_that_replaced_more_than_one_row_in_a_hundred_says_so(tmp_path: Path, read: int, said: bool) -> None:
    db, head = tmp_path / "w.db", "date,market,clicks\n"
    lines = [f"2026-01-01,M{row},5\n" for row in range(read)]
    loaded(db, written(tmp_path, "a.csv", head + "".join(lines)))
    notes = loaded(db, written(tmp_path, "b.csv", head + "".join(lines).replace("M0,5", "M0,6"))).notes
    assert any(f"1 of {read} rows replaced other figures of the same source" in note for note in notes) is said


def test_who_cancelled_is_counted_only_where_some_row_says_so(tmp_path: Path) -> None:
    """No seller had cancelled anything, by orders that do not say who did."""
    db, head = tmp_path / "w.db", "order_id,ordered_at,gmv,cancelled_at,cancelled_by\n"
    loaded(db, written(tmp_path, "a.csv", head + "1,2026-01-01,5,2026-01-02,\n2,2026-01-01,6,,\n"))
    with Workspace.open(db) as workspace:
        assert {"cancelled_orders", "seller_cancelled_orders"} & {*workspace.measures} == {"cancelled_orders"}
    loaded(db, written(tmp_path, "b.csv", head + "3,2026-01-01,5,2026-01-02,seller\n"))
    with Workspace.open(db) as workspace:
        assert {"buyer_cancelled_orders", "seller_cancelled_orders"} <= {*workspace.measures}


def test_viewers_are_shown_as_given_and_never_added_up(tmp_path: Path) -> None:
    db, day = tmp_path / "w.db", Window.parse("2026-03-01..2026-03-01")
    loaded(db, written(tmp_path, "t.csv", "date,market,viewers,clicks\n2026-03-01,ID,5,9\n2026-03-01,TH,6,9\n"))
    with Workspace.open(db) as workspace:
        with pytest.raises(UsageError, match="viewers cannot be added up over segments and days"):
            workspace.metric("viewers")
        assert [row["value"] for row in series(workspace, "viewers", day, EVERYTHING, ["market"]).rows()] == [5, 6]
        with pytest.raises(UsageError, match="Ask for each: --by market."):
            series(workspace, "viewers", day, EVERYTHING)
    loaded(db, written(tmp_path, "u.csv", "date,market,device,viewers\n2026-03-01,ID,ios,1\n2026-03-01,TH,ios,2\n"))
    with Workspace.open(db) as workspace:
        for given in ([], ["market"], ["device"]):  # neither alone tells the four rows apart
            with pytest.raises(UsageError, match="Ask for each: --by (market,device|device,market)."):
                series(workspace, "viewers", day, Segment.parse("market=ID|TH"), given)
        assert len(series(workspace, "viewers", day, EVERYTHING, ["market", "device"]).rows()) == 4


def test_rows_of_one_slice_that_are_all_kept_add_up_their_counts_alone(tmp_path: Path) -> None:
    """100 and 120 viewers were 220, a stock of 7 and 9 was 16."""
    traffic = "date,clicks,viewers\n2026-03-01,1,100\n2026-03-01,2,120\n2026-03-02,4,50\n2026-03-02,4,\n"
    report = loaded(tmp_path / "w.db", written(tmp_path, "t.csv", traffic), duplicates="keep")
    assert "where several rows have one day and slice, what cannot be added up is left out: viewers" in report.notes
    assert rows(tmp_path / "w.db", "SELECT clicks, viewers FROM traffic ORDER BY date") == [(3, None), (8, 50)]
    turned = "\n".join([traffic.split("\n")[0], *traffic.split("\n")[4:0:-1], ""])
    again = loaded(tmp_path / "w.db", written(tmp_path, "turned.csv", turned), duplicates="keep")
    assert (again.accepted, again.unchanged) == (0, 4), "the same rows in another order change nothing"
    daily = "date,sales,stock\n2026-03-01,1,7\n2026-03-01,2,9\n2026-03-02,4,5\n"
    loaded(tmp_path / "v.db", written(tmp_path, "d.csv", daily), duplicates="keep")
    assert rows(tmp_path / "v.db", "SELECT sales, stock FROM daily ORDER BY date") == [(3, None), (4, 5)]
