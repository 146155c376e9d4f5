"""Visits that are no longer all counted: fewer of everything, and as many orders as before."""

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import Segment
from core.detection.quality import measure_checks, ratio_steps
from tests.detection.quality.test_measure_limits import FIRST, cube, rates


@pytest.mark.parametrize(
    ("visits", "rate", "orders", "days", "fires"),
    [
        (0.5, 1.0, 1.0, 3, True), (0.1, 1.0, 1.0, 9, True), (0.68, 1.0, 1.0, 7, True), (0.72, 1.0, 1.0, 7, False),
        (0.5, 1.1, 1.0, 7, True), (0.5, 1.3, 1.0, 7, False),  # visits of another kind
        (0.5, 1.0, 0.85, 7, True), (0.5, 1.0, 0.6, 7, False), (2.0, 1.0, 1.0, 7, False),
    ],
)  # fmt: skip
def test_visits_of_which_fewer_are_counted_while_orders_are_as_before(
    visits: float, rate: float, orders: float, days: int, fires: bool
) -> None:
    seen, clicks, bought = rates(days, rate, orders / visits / rate)
    late = np.arange(49) >= 49 - days
    table = cube(**{
        name: column * np.where(late, visits, 1.0)
        for name, column in (("impressions", seen), ("clicks", clicks), ("orders", bought))
    })  # fmt: skip
    issues = list(measure_checks.lost_visit_issues(table, ["market"]))
    assert [(issue.where, issue.days) for issue in issues] == (
        [(Segment(), Window(FIRST + 49 - days, FIRST + 48))] if fires else []
    )
    for issue in issues:
        assert (issue.status, "clicks" in issue.measures, "orders" in issue.measures) == ("warn", True, False)
        assert f"{visits - 1:+.0%} since" in issue.detail or days not in ratio_steps.SPANS
    hit = (table.parts[0].codes["market"] == 3) & (table.parts[0].days >= FIRST + 49 - days)
    if fires:
        even = cube(
            impressions=seen, clicks=clicks / np.where(late, rate, 1), orders=bought * np.where(late, visits, 1)
        )
        for name in ("impressions", "clicks"):
            even.parts[0].measures[name][hit] *= visits
        (issue,) = measure_checks.lost_visit_issues(even, ["market"])
        assert str(issue.where) == "market=VN"
