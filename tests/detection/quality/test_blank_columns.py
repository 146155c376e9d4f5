"""When a column that is blank in one segment was not exported: rows and days counted by hand."""

from itertools import chain

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import Segment
from core.detection.quality.breaks.blank_columns import blank_column_issues
from core.detection.quality.content_checks import content_issues
from core.detection.quality.quality_issue import QualityIssue
from core.workspace.read.profile.row_profile import Profile
from tests.detection.quality.profiles import DAYS, LAST, found, profile


def issues_of(asked: Profile) -> list[QualityIssue]:
    """All that is said of blank columns of orders."""
    return list(chain.from_iterable(blank_column_issues(asked, "orders").values()))


def blank(
    days: int, rows: float = 40.0, usual: float = 0.9, fading: float = 1.0, others: float = 1.0, column: str = "paid_at"
) -> list[QualityIssue]:
    """What is said of a market of so many rows a day that has a column in a share of them, and in none on the newest `days`; on
    the three days before in `fading` of them, and in the other market, of 200 rows, in `others` of what is usual there since."""
    table = np.repeat([[200.0], [rows]], DAYS, axis=1)
    given = table * usual
    given[1, DAYS - days :], given[0, DAYS - days :] = 0, given[0, DAYS - days :] * others
    given[1, DAYS - days - 3 : DAYS - days] *= fading
    asked = profile(
        "orders", dimensions_of=("market",), rows_by_value=(("ID", "TH"), table),
        given_by_day={column: given.sum(0) / table.sum(0)}, given_by_value={column: given},
    )  # fmt: skip
    return issues_of(asked)


@pytest.mark.parametrize(
    ("days", "more", "named"),
    [
        (2, {}, True), (1, {}, False), (28, {}, True), (29, {}, False),
        (2, {"rows": 8.5}, True), (2, {"rows": 8.2}, False),  # 15.3 and 14.8 would be given
        (5, {"usual": 0.31}, True), (5, {"usual": 0.29}, False),  # few lines are refunded
        (5, {"fading": 0.75}, True), (5, {"fading": 0.6}, False),  # what is delivered late gets rarer day by day
        (5, {"others": 0.55}, True), (5, {"others": 0.45}, False),
    ],
)  # fmt: skip
def test_a_column_that_is_blank_in_one_market(days: int, more: dict[str, float], named: bool) -> None:
    issues = blank(days, **more)
    assert [(issue.where, issue.days, issue.status) for issue in issues] == (
        [(Segment.parse("market=TH"), Window(LAST - days + 1, LAST), "warn")] if named else []
    )


def test_what_is_said_of_a_blank_column_and_which_measures_are_counted_with_it() -> None:
    (issue,) = blank(3)
    assert issue.detail.startswith("paid_at is blank in all 120 rows of orders with market=TH since ")
    assert "given in 90% before; the other rows have it." in issue.detail
    assert issue.measures == {"paid_orders", "gmv", "commission"}
    assert not blank(3, column="refund_amount"), "refunds follow later, and seldom"
    (codes,) = blank(3, column="device")
    assert not codes.measures


@pytest.mark.parametrize(("wait", "named"), [(0, True), (3, True), (4, False)])
def test_days_that_a_segment_usually_waits_for_a_moment_are_not_blank(wait: int, named: bool) -> None:
    """Nothing was delivered on the newest five days; two have to be left that are older than the wait."""
    rows = np.full((2, DAYS), 40.0)
    given = rows.copy()
    given[1, -5:] = 0
    asked = profile(
        "orders", dimensions_of=("product_id",), rows_by_value=(("meal", "ticket"), rows), usual_wait=wait,
        given_by_day={"delivered_at": given.sum(0) / 80}, given_by_value={"delivered_at": given},
    )  # fmt: skip
    assert [str(issue.where) for issue in issues_of(asked)] == ["product_id=ticket"] * named


def test_the_dimension_with_fewest_values_names_where_a_column_is_blank() -> None:
    """Both shops of one market have no shipped_at: it is the market, whatever comes first."""
    rows = np.full((3, DAYS), 50.0)
    given = rows.copy()
    given[:2, -4:] = 0
    asked = profile("orders", dimensions_of=("seller_id", "market"), given_by_day={"shipped_at": given.sum(0) / 150})
    asked.rows_by_value = (
        lambda kind, name: (  # type: ignore[method-assign]
            (("a", "b", "c"), rows) if name == "seller_id" else (("ID", "TH"), np.stack([rows[:2].sum(0), rows[2]]))
        )
    )
    asked.given_by_value = (
        lambda kind, name, columns: {  # type: ignore[method-assign]
            "shipped_at": given if name == "seller_id" else np.stack([given[:2].sum(0), given[2]])
        }
    )
    assert [str(issue.where) for issue in issues_of(asked)] == ["market=ID"]


@pytest.mark.parametrize("rare", [0.0, 0.01])
def test_a_blank_column_is_named_once_where_it_is_blank(rare: float) -> None:
    """A third of the rows is 33% fewer everywhere: that is said once, and in all rows of the kind where hardly any has it."""
    rows = np.full((2, DAYS), 100.0) * [[2.0], [1.0]]
    given = rows.copy()
    given[1, -7:] = 0
    by_day = given.sum(0) / 300
    asked = profile(
        "orders", dimensions_of=("market",), rows_by_value=(("ID", "TH"), rows),
        given_by_day={"promised_by": np.where(by_day < 1, rare or by_day, by_day)}, given_by_value={"promised_by": given},
    )  # fmt: skip
    issues = found(content_issues(asked, Window(LAST - DAYS + 1, LAST)), "null_rates")
    assert [(issue.status, str(issue.where or "")) for issue in issues] == (
        [("fail", "")] * bool(rare) + [("warn", "market=TH")]
    )
