"""Which segment is to blame, where the truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from core.ecosystem.changes.segment_changes import segment_changes
from core.ecosystem.changes.segment_figures import Figure
from core.ecosystem.changes.total_changes import whole
from core.ecosystem.changes.weekly_panel import WeeklyPanel

WEEKS = 14


def panel(random: np.random.Generator) -> WeeklyPanel:
    """120 creators of three markets, three agencies in each, one shop each."""
    n = 120
    mean = random.lognormal(6, 0.8, n)
    amount = random.poisson(mean[:, None] * np.exp(random.normal(0, 0.1, (n, WEEKS)))).astype(float)
    market = 1 + np.arange(n) % 3
    agency = 1 + market * 3 - 3 + (np.arange(n) // 3) % 3
    names = ("", *(f"C{at:03}" for at in range(n)))
    return WeeklyPanel(
        last=1000, weeks=WEEKS, words={"market": ("", "A", "B", "C"), "agency": ("", *(f"G{at}" for at in range(1, 10)))},
        codes={"market": market, "agency": agency}, amounts={"orders": amount},
        leaf_members={"creator_id": np.arange(1, n + 1)}, member_names={"creator_id": names},
    )  # fmt: skip


def share(table: WeeklyPanel) -> Figure:
    return Figure(
        topic="sales", name="orders_share", amount=table.amounts["orders"], base=None, is_count=True, more_is_worse=None,
        dimensions=("market", "agency"),
    )  # fmt: skip


def hit(table: WeeklyPanel, rows: np.ndarray, factor: float, weeks: int = 3) -> WeeklyPanel:
    amount = table.amounts["orders"].copy()
    amount[rows, :weeks] = np.rint(amount[rows, :weeks] * factor)
    return replace(table, amounts={"orders": amount})


def test_when_one_market_falls_the_others_are_not_blamed() -> None:
    table = panel(np.random.default_rng(5))
    fallen = hit(table, table.codes["market"] == 2, 0.5)
    found = {tuple(one.where.items()): one for one in segment_changes(fallen, share(fallen))}
    claim = found[(("market", "B"),)]
    assert claim.effect == pytest.approx(0.5, rel=0.15)
    assert claim.interval is not None
    assert claim.interval[0] < 0.5 < claim.interval[1]
    assert claim.onset == 1000 - 20
    others = [one.p_value for one in found.values() if dict(one.where) != {"market": "B"}]
    assert min(others) > 1e-4
    assert set(claim.who) <= {f"C{at:03}" for at in np.flatnonzero(table.codes["market"] == 2)}


def test_a_segment_that_sells_little_may_have_a_week_without_an_order() -> None:
    """Money comes in orders: a week without one of ten says little, and so does a week in which hardly anybody buys."""
    random = np.random.default_rng(8)
    marks = 0
    for _ in range(20):
        table = panel(random)
        mean = np.where(table.codes["market"] == 3, 0.25, 20.0)[:, None] * np.ones(WEEKS)
        mean[:, 0] /= 30
        orders = random.poisson(mean).astype(float)
        gmv = np.where(orders > 0, random.gamma(np.maximum(orders, 1e-9), 25.0), 0.0)
        table = replace(table, amounts={"gmv": gmv, "orders": orders})
        figure = replace(
            share(table), name="gmv_share", amount=gmv, is_count=False, unit=float(gmv.sum() / orders.sum())
        )
        marks += sum(one.p_value < 1e-3 for one in segment_changes(table, figure))
    assert marks <= 1


def test_an_agency_is_told_from_its_market() -> None:
    table = panel(np.random.default_rng(6))
    favoured = hit(table, table.codes["agency"] == 5, 3.0)
    found = segment_changes(favoured, share(favoured))
    worst = min(found, key=lambda one: one.p_value)
    assert dict(worst.where) == {"agency": "G5"}
    assert worst.effect == pytest.approx(3, rel=0.3)
    assert all(one.p_value > 1e-4 for one in found if "market" in one.where)


def test_a_rate_that_rises_in_one_segment_is_the_cause_of_the_whole() -> None:
    random = np.random.default_rng(7)
    table = panel(random)
    base = table.amounts["orders"]
    chance = np.full(base.shape, 0.05)
    chance[table.codes["market"] == 1, :3] = 0.15
    figure = replace(
        share(table),
        topic="quality",
        name="refund_rate",
        amount=random.binomial(base.astype(int), chance).astype(float),
        base=base,
        more_is_worse=True,
    )
    found = segment_changes(table, figure)
    worst = min(found, key=lambda one: one.p_value)
    assert dict(worst.where) == {"market": "A"}
    assert worst.is_worse
    assert worst.now is not None
    assert worst.now == pytest.approx(0.15 * 3 / 4 + 0.05 / 4, rel=0.1)
    everything = whole(table, figure, found)
    assert everything is not None
    assert dict(everything.cause) == {"market": "A"}
    assert everything.now == pytest.approx(figure.amount[:, :4].sum() / base[:, :4].sum())
    assert whole(table, replace(figure, amount=np.zeros_like(base)), []) is None


def test_young_data_are_not_tested() -> None:
    table = panel(np.random.default_rng(8))
    young = replace(table, weeks=7, amounts={"orders": table.amounts["orders"][:, :7]})
    assert segment_changes(young, share(young)) == []
    assert whole(young, share(young), []) is None
