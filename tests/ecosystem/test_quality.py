"""Figures now and before of exports whose truth is known."""

import random
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.ecosystem.ratio_change import ratio
from core.ecosystem.service_quality import channels, counted_by_age, of_complete_kinds, qualities, waits
from core.workspace.read.workspace import Workspace
from tests.ratings import shop
from tests.ratings.shop import saved

DAYS = 100
SHARE = {"early": 0.05, "late": 0.15}


def orders(seed: int = 3) -> list[shop.Row]:
    """Eight shops; each order is refunded six days after with a chance that rises for good at day 58."""
    rng, rows = random.Random(seed), []
    for number in range(4_000):
        day = rng.uniform(0, DAYS)
        row = shop.order(number, day, "C1", seller_id=f"S{number % 8}", channel=rng.choice(["live", "live", "video"]))
        if rng.random() < SHARE["late" if day > 58 else "early"] and day + 6 < DAYS:
            row |= {"refunded_at": shop.moment(day + 6), "refund_amount": "10.00", "refund_reason": "defective"}
        rows.append(row)
    return rows


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with Workspace.open(saved(tmp_path_factory.mktemp("shop"), {"orders": orders()})) as opened:
        yield opened


def test_young_days_are_compared_with_old_ones_at_one_age(workspace: Workspace) -> None:
    """Orders of the last six days have no refund yet; the figures leave them out on both sides.

    Of the 28 days before, the newest seven are after day 58.
    """
    as_of = workspace.span.first + DAYS - 1
    ages = waits(workspace, counted_by_age(workspace, as_of, EVERYTHING))
    found = {one.metric: one for one in qualities(workspace, as_of, EVERYTHING, ages)}
    refunds = found["refund_rate"]
    assert refunds.window == Window(as_of - 7 - 27, as_of - 7)
    assert refunds.figures.value == pytest.approx(SHARE["late"], abs=0.03)
    assert refunds.figures.before == pytest.approx((3 * SHARE["early"] + SHARE["late"]) / 4, abs=0.02)
    assert refunds.figures.change_interval is not None
    assert refunds.figures.change_interval[0] > 0.03
    assert found["late_dispatch_rate"].figures.value == 0
    assert "negative_review_rate" not in found


def test_shares_of_channels_add_up(workspace: Workspace) -> None:
    found = [one for one in channels(workspace, workspace.span.last, EVERYTHING) if one.measure == "orders"]
    assert [one.channel for one in found] == ["live", "video"]
    assert sum(one.figures.value or 0 for one in found) == pytest.approx(1)
    assert found[0].figures.interval is not None
    assert found[0].figures.interval[0] < 2 / 3 < found[0].figures.interval[1]


def test_only_the_segment_counts(workspace: Workspace) -> None:
    found = list(channels(workspace, workspace.span.last, Segment.parse("channel=video")))
    assert {(one.channel, one.figures.value) for one in found} == {("video", 1.0)}


@pytest.mark.parametrize("says_when", [True, False])
def test_violations_that_an_appeal_takes_back_later_are_no_change(tmp_path: Path, says_when: bool) -> None:
    """Each second day has a violation, and an order each day; all that are older than three weeks were overturned after them, and
    one on the next day. A list that does not say when gives the moment of the violation."""
    rows = []
    for number, day in enumerate(range(0, 70, 2)):
        gone = 1 if day == 66 else 21 if day < 48 else None
        overturned = "" if gone is None else shop.moment(day + (gone if says_when else 0))
        rows.append(shop.violation(number, day, "C1", 2, overturned))
    db = saved(tmp_path, {"orders": [shop.order(number, number, "C1") for number in range(70)], "violations": rows})
    with Workspace.open(db) as workspace:
        as_of = workspace.span.first + 69
        ages = waits(workspace, counted_by_age(workspace, as_of, EVERYTHING))
        found = {item.metric: item for item in qualities(workspace, as_of, EVERYTHING, ages)}
        item = found["violations_per_1k_orders"]
        assert item.window == Window(as_of - 28, as_of - 1)
        now = 13 if says_when else 14
        assert (item.figures.value, item.figures.before) == pytest.approx((1000 * now / 28, 1000 * 14 / 28))


TWO = np.ones(2, bool)


def test_what_nobody_is_named_of_counts_in_the_ratio_and_is_no_member() -> None:
    random, covered = np.random.default_rng(4), 0
    named = np.arange(31) > 0
    orders = np.where(named, 500.0, 40_000.0) * np.ones((2, 1))
    for _ in range(200):
        violations = np.where(named, random.poisson(1.0, (2, 31)), 0).astype(float)
        found = ratio(violations, orders, named, scale=1000)
        assert found.value == pytest.approx(1000 * violations[0].sum() / 55_000)
        assert found.interval is not None
        assert found.interval[1] - found.interval[0] < 2 * found.value
        covered += found.interval[0] <= 30 / 55 <= found.interval[1]
    assert 180 <= covered <= 199


def test_a_ratio_by_hand() -> None:
    found = ratio(np.array([[1.0, 3.0], [2.0, 2.0]]), np.array([[10.0, 10.0], [20.0, 20.0]]), TWO, scale=100)
    assert [found.value, found.before, found.change, found.n] == pytest.approx([20, 10, 10, 20])
    assert ratio(np.zeros((2, 3)), np.zeros((2, 3)), np.ones(3, bool)).value is None
    assert ratio(np.array([[0.0, 0.0], [1.0, 0.0]]), np.ones((2, 2)), TWO).interval is None


def test_intervals_cover_where_members_differ_and_changes_where_they_do_not() -> None:
    """Rates differ from member to member, and each keeps its own: levels are less sure than changes."""
    random, covered, widths = np.random.default_rng(6), np.zeros(2), []
    for _ in range(300):
        own = random.beta(2, 18, 60)
        size = random.integers(20, 400, (2, 60)).astype(float)
        found = ratio(random.binomial(size.astype(int), own).astype(float), size, np.ones(size.shape[1], bool))
        assert found.interval is not None
        assert found.change_interval is not None
        covered += [
            found.interval[0] <= 0.1 <= found.interval[1],
            found.change_interval[0] <= 0 <= found.change_interval[1],
        ]
        widths.append(found.change_interval[1] - found.change_interval[0] - (found.interval[1] - found.interval[0]))
    assert (covered >= 272).all()
    assert (covered <= 298).all()
    assert np.mean(widths) < 0


def test_the_interval_of_a_share_ends_at_all_of_it() -> None:
    """One of two members has everything: of a part of a whole, more than all is no figure."""
    share = ratio(np.array([[9.0, 0.0], [9.0, 0.0]]), np.array([[10.0, 2.0], [10.0, 2.0]]), TWO)
    assert share.interval is not None
    assert share.interval[1] == 1.0
    rate = ratio(np.array([[9.0, 3.0], [9.0, 3.0]]), np.array([[10.0, 2.0], [10.0, 2.0]]), TWO)
    assert rate.interval is not None
    assert rate.interval[1] > 1.0


@pytest.mark.parametrize(("incomplete", "left"), [((), 3), (("orders",), 2), (("violations",), 2), (("traffic",), 3)])
def test_a_rate_of_two_exports_needs_both(workspace: Workspace, incomplete: tuple[str, ...], left: int) -> None:
    """Of violations without orders, violations per order would rise without end; refunds are a matter of orders alone."""
    ages = {"refund_rate": 7, "negative_review_rate": 3, "violations_per_1k_orders": 3}
    kinds = {"violations": "violations", "reviews": "reviews", "negative_reviews": "reviews"}
    asked = cast(Any, SimpleNamespace(catalogue=workspace.catalogue, kind_of=lambda name: kinds.get(name, "orders")))
    found = of_complete_kinds(asked, ages, incomplete)
    assert len(found) == left
    assert ("violations_per_1k_orders" in found) is (left == 3)
