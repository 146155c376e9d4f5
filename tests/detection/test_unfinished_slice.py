"""One market of the newest day is only partly there: `check` says so, and says nothing of what is whole or small."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import Segment
from core.detection.quality.quality_issue import QualityIssue
from core.detection.quality.unfinished_slice import slice_issues
from core.workspace.read.row_profile import Profile

DAYS = 70


def found(
    newest: dict[str, float], usual: float = 200.0, day_before: float = 1.0, days: int = DAYS
) -> list[QualityIssue]:
    """The issues of three markets whose newest day has these shares of a usual one."""
    markets = ("ID", "TH", "VN")
    rng = np.random.default_rng(3)
    rows = rng.poisson(usual * (1 + 0.3 * (np.arange(days) % 7 == 5)), (3, days)).astype(float)
    for at, market in enumerate(markets):
        rows[at, -1] *= newest.get(market, 1.0)
        rows[at, -2] *= day_before if market in newest else 1.0
    profile = SimpleNamespace(
        kinds=("orders",), spans={"orders": Window(100, 99 + days)},
        dimensions_of=lambda kind: ("market",), rows_by_value=lambda kind, dimension: (markets, rows),
    )  # fmt: skip
    return list(slice_issues(cast(Profile, profile)))


def test_a_market_with_two_fifths_of_its_orders_on_the_newest_day_is_named() -> None:
    (issue,) = found({"TH": 0.4})
    assert (issue.check, issue.status, issue.where) == ("partial_newest_day", "warn", Segment.of({"market": "TH"}))
    assert issue.days == Window(99 + DAYS, 99 + DAYS)
    assert "market=TH" in issue.detail
    assert any(f"{share}%" in issue.detail for share in range(33, 48))


@pytest.mark.parametrize(
    ("newest", "more"),
    [
        ({}, {}),
        ({"TH": 0.8}, {}),
        ({"ID": 0.4, "TH": 0.4, "VN": 0.4}, {}),
        ({"TH": 0.4}, {"day_before": 0.4}),
        ({"TH": 0.4}, {"usual": 12.0}),
        ({"TH": 0.4}, {"days": 20}),
    ],
    ids=["whole", "a little less", "everywhere", "since yesterday", "few orders", "a short past"],
)
def test_what_is_whole_everywhere_small_or_lasting_is_not(newest: dict[str, float], more: dict[str, float]) -> None:
    assert found(newest, **more) == []  # type: ignore[arg-type]
