"""Weekly tables of segments counted by hand: days, members, rates and shares now and before, movers."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.days import Window, iso
from core.base.segment import EVERYTHING, Segment
from core.cube.cube import Cube, CubePart
from core.ecosystem.changes import weekly_panel
from core.ecosystem.changes.segment_changes import segment_changes
from core.ecosystem.changes.segment_figures import (
    Figure,
    inside,
    movers,
)
from core.ecosystem.changes.total_changes import whole
from core.ecosystem.changes.weekly_panel import WeeklyPanel
from core.ecosystem.claim_families import _weeks_with_newcomers, amount_claims, main_shops
from core.ecosystem.completeness import MissingExport, complete_part
from core.ecosystem.members.member_groups import MemberGroups
from core.workspace.read.event_log import Event
from core.workspace.read.rating_rows import NEVER


def weekly_workspace() -> tuple[Any, CubePart]:
    rng = np.random.default_rng(4)
    rows = 300
    codes = {
        "market": rng.integers(0, 3, rows).astype(np.int32),
        "creator_id": rng.integers(0, 5, rows).astype(np.int32),
    }
    part = CubePart(
        rng.integers(1000, 1070, rows).astype(np.int32), codes, {"gmv": rng.integers(1, 900, rows).astype(float)}
    )
    values = {"market": ("", "TH", "ID"), "creator_id": ("", "d", "b", "a", "c")}
    asked: list[Any] = []

    def cube(names: Any, window: Window, dimensions: Any, where: Segment, **more: Any) -> Cube:
        asked.append((window, more))
        return Cube(
            window, values, (part.keep((part.days >= window.first) & (part.days <= window.last)),), {"gmv": 100}
        )

    span = Window(1000, 1069)
    room = {"measures": ("gmv",), "dimensions": ("market", "creator_id"), "span": span, "path": "w.db"}
    return SimpleNamespace(**room, cube=cube, asked=asked), part


@pytest.mark.parametrize(
    ("as_of", "youngest", "age", "weeks"),
    [(1069, 0, None, 10), (1069, 3, 3, 9), (1066, 0, None, 9), (1062, 0, None, 9)],
)
def test_weeks_are_counted_back_from_the_youngest_day(as_of: int, youngest: int, age: int | None, weeks: int) -> None:
    workspace, part = weekly_workspace()
    groups = MemberGroups({"agency": ("", "A")}, {"agency": np.array([0, 1, 0, 1, 0])})
    panel = weekly_panel.read(workspace, ["gmv", "orders"], as_of, youngest, age, EVERYTHING, groups, {})
    assert panel is not None
    last = as_of - youngest
    assert (panel.last, panel.weeks) == (last, weeks)
    assert workspace.asked[0] == (Window(last - 7 * weeks + 1, last), {"as_of": as_of, "age": age})
    assert panel.words == {"market": ("", "ID", "TH"), "agency": ("", "A")}
    by_market = np.stack([panel.amounts["gmv"][panel.codes["market"] == code].sum(axis=0) for code in range(3)])
    for code, name in enumerate(panel.words["market"]):
        for week in range(weeks):
            days = (part.days <= last - 7 * week) & (part.days > last - 7 * week - 7)
            mine = part.codes["market"] == {"": 0, "TH": 1, "ID": 2}[name]
            assert by_market[code, week] == pytest.approx(part.measures["gmv"][days & mine].sum() / 100)
    agency = [panel.amounts["gmv"][panel.codes["agency"] == code] for code in range(2)]
    seen = (part.days <= last) & (part.days > last - 7 * weeks) & np.isin(part.codes["creator_id"], [1, 3])
    assert agency[1].sum() == pytest.approx(part.measures["gmv"][seen].sum() / 100)
    names = panel.member_names["creator_id"]
    assert names == ("", "a", "b", "c", "d")
    mine = (part.codes["creator_id"] == 1) & (part.days <= last) & (part.days > last - 7)
    by_d = panel.amounts["gmv"][panel.leaf_members["creator_id"] == 4, 0].sum()
    assert by_d == pytest.approx(part.measures["gmv"][mine].sum() / 100)
    assert panel.day_of(1) == last - 6
    part_of = np.append(np.linspace(0, 1, 11), np.ones(100))
    known = weekly_panel.read(workspace, ["gmv"], as_of, youngest, age, EVERYTHING, groups, {"gmv": part_of})
    newest = (part.days <= last) & (part.days > last - 7)
    counted = (part.measures["gmv"][newest] * part_of[as_of - part.days[newest]]).sum() / 100
    assert known is not None
    assert known.amounts["gmv"][:, 0].sum() == pytest.approx(counted), "day by day"
    event = Event(
        event_id="E", starts_at=iso(last - 2), ends_at=iso(last), kind="campaign", title="", owner="",
        where=Segment.parse("market=TH"),
    )  # fmt: skip
    calm = weekly_panel.read(workspace, ["gmv"], as_of, youngest, age, EVERYTHING, groups, {}, [event])
    assert calm is not None
    thai = panel.codes["market"] == 2
    assert calm.amounts["gmv"][~thai] == pytest.approx(panel.amounts["gmv"][~thai])
    assert calm.amounts["gmv"][thai, 1:] == pytest.approx(panel.amounts["gmv"][thai, 1:])
    by_day = np.bincount(last - part.days[part.days <= last], part.measures["gmv"][part.days <= last])[: 7 * weeks]
    of_days = by_day.reshape(weeks, 7)
    usual = np.append(of_days[1:, :3].mean(axis=0), of_days[:, 3:].mean(axis=0))
    kept = (part.days <= last - 3) & (part.days > last - 7) & (part.codes["market"] == 1)
    expected = part.measures["gmv"][kept].sum() / 100 / (usual[3:].sum() / usual.sum())
    assert calm.amounts["gmv"][thai, 0].sum() == pytest.approx(expected), "as its other days"
    assert weekly_panel.read(workspace, ["orders"], as_of, youngest, age, EVERYTHING, groups, {}) is None
    assert weekly_panel.read(workspace, ["gmv"], 1005, 0, None, EVERYTHING, groups, {}) is None
    assert weekly_panel.whole_weeks(workspace, 1000 + 7 * 30) == 16


def panel(orders: np.ndarray, market: np.ndarray) -> WeeklyPanel:
    size = len(orders)
    return WeeklyPanel(
        last=1000,
        weeks=orders.shape[1],
        words={"market": ("", "A", "B", "C")},
        codes={"market": market},
        amounts={"orders": orders},
        leaf_members={"creator_id": np.arange(1, size + 1)},
        member_names={"creator_id": ("", *(f"c{at:02}" for at in range(1, size + 1)))},
    )


def figure(amount: np.ndarray, base: np.ndarray | None = None, scale: float = 1.0) -> Figure:
    worse = None if base is None else True
    more = {"amount": amount, "base": base, "scale": scale, "dimensions": ("market",)}
    return Figure(topic="sales", name="orders_share", is_count=True, more_is_worse=worse, **cast(Any, more))


def names(table: WeeklyPanel, some: Figure, here: np.ndarray, upwards: bool) -> tuple[str, ...]:
    return tuple(member.name(table) for member in movers(table, some, here, upwards))


def test_rates_and_shares_of_segments_now_and_before() -> None:
    rng = np.random.default_rng(5)
    market = 1 + np.arange(36) % 3
    base = rng.poisson(400, (36, 12)).astype(float)
    bad = rng.binomial(base.astype(int), 0.1).astype(float)
    bad[market == 2, :3] = rng.binomial(base[market == 2, :3].astype(int), 0.2)
    table_ = panel(bad, market)
    found = {claim.where["market"]: claim for claim in segment_changes(table_, figure(bad, base, 1000.0))}
    assert set(found) == {"A", "B", "C"}
    here = market == 2
    assert found["B"].now == pytest.approx(1000 * bad[here, :4].sum() / base[here, :4].sum())
    assert found["B"].before == pytest.approx(1000 * bad[here, 4:8].sum() / base[here, 4:8].sum())
    assert found["B"].p_value < 1e-4 < min(found["A"].p_value, found["C"].p_value)
    assert found["B"].effect == pytest.approx(2, rel=0.15)
    assert (found["B"].is_worse, found["B"].onset) == (True, 1000 - 20)
    usual = bad[here, 4:].sum() / base[here, 4:].sum()
    added = np.where(here, bad[:, :4].mean(1) - usual * base[:, :4].mean(1), 0)
    top = [f"c{at + 1:02}" for at in np.argsort(-added)[:3]]
    assert list(names(table_, figure(bad, base), here, True)) == top == list(found["B"].who)
    rising, falling = replace(found["B"], p_value=1e-9), replace(found["C"], p_value=1e-12, effect=0.5)
    everything = whole(table_, figure(bad, base), [falling, replace(rising, where={}, p_value=1e-8), rising])
    assert everything is not None
    assert (everything.cause, everything.who) == ({"market": "B"}, found["B"].who)
    assert (everything.now, everything.before) == pytest.approx(
        (bad[:, :4].sum() / base[:, :4].sum(), bad[:, 4:8].sum() / base[:, 4:8].sum())
    )
    share = {claim.where["market"]: claim for claim in segment_changes(panel(base, market), figure(base))}
    assert share["A"].now == pytest.approx(base[market == 1, :4].sum() / base[:, :4].sum())
    total = whole(panel(base, market), figure(base), [])
    assert total is not None
    assert (total.now, total.before) == pytest.approx((base[:, :4].sum(), base[:, 4:8].sum()))
    assert inside(table_, {"market": "B"}).tolist() == here.tolist()
    for weeks, rate, amount in ((5, 0, 0), (6, 3, 0), (7, 3, 0), (8, 3, 3)):
        short, due = bad[:, :weeks], base[:, :weeks]
        assert len(segment_changes(panel(short, market), figure(short, due))) == rate
        assert len(segment_changes(panel(due, market), figure(due))) == amount
    brought, missed = base.copy(), base.copy()
    brought[4, :3] *= 60
    missed[4] *= 60
    missed[4, :3] = 0
    rose, fell = (whole(panel(amount, market), figure(amount), []) for amount in (brought, missed))
    assert rose is not None
    assert fell is not None
    assert (rose.effect > 2, rose.who[0]) == (True, "c05")
    assert rose.p_value > 0.01  # the other 35 are as they were
    assert (fell.effect < 0.5, fell.who[0]) == (True, "c05")
    assert fell.p_value < 1e-4
    halved = base * np.where(np.arange(base.shape[1]) < 3, 0.5, 1.0)
    everybody = whole(panel(halved, market), figure(halved), [])
    assert everybody is not None
    assert (everybody.p_value < 1e-4, everybody.who) == (True, ())
    large = np.where(np.arange(36) < 3, 40.0, 1.0)[:, None]  # three have 120 of 153, of what is lost too
    halved_alike, lost = large * halved, large * np.where(np.arange(36)[:, None] < 3, halved, base)
    alike, theirs = (whole(panel(amount, market), figure(amount), []) for amount in (halved_alike, lost))
    assert alike is not None
    assert theirs is not None
    assert (alike.who, set(theirs.who)) == ((), {"c01", "c02", "c03"})
    assert whole(panel(bad[:, :5], market), figure(bad[:, :5], base[:, :5]), []) is None
    assert whole(panel(base[:, :7], market), figure(base[:, :7]), []) is None
    assert whole(panel(bad[:, :6], market), figure(bad[:, :6], base[:, :6]), []) is not None
    assert whole(table_, figure(0 * bad, base), []) is None


def test_an_amount_of_few_weeks_leans_to_usual_scatter_and_a_rate_does_not() -> None:
    """Nine weeks, newest first: the newest two of 500 where five before the newest four have 900 to 1,100."""
    market, members = 1 + np.arange(36) % 3, np.full((36, 1), 4 / 36)
    halved = members * np.array([500, 520, 1000, 1100, 900, 1050, 950, 1000, 1100])
    amount = whole(panel(halved, market), figure(halved), [])
    rate = whole(panel(halved, market), figure(halved, np.full_like(halved, 40_000.0)), [])
    lively = members * np.array([500, 520, 1500, 1100, 600, 1500, 650, 1000, 1200])
    as_before = whole(panel(lively, market), figure(lively), [])
    assert amount is not None
    assert rate is not None
    assert as_before is not None
    assert amount.p_value < 0.00005 < 0.0002 < rate.p_value
    assert (as_before.p_value > 0.05, amount.who) == (True, ())
    one = np.r_[np.full((35, 9), 460 / 35), 9 * halved[:1] - 460]
    of_one = whole(panel(one, market), figure(one), [])
    assert of_one is not None
    assert (of_one.p_value < 0.0001, of_one.who) == (True, ("c36",))


@pytest.mark.parametrize("falls", [1, 2])
def test_of_two_markets_the_one_that_moved_itself_is_named(falls: int) -> None:
    """Sixteen weeks of 12 members in two markets, 100 each: one market has half in the newest three weeks."""
    market = 1 + np.arange(12) % 2
    amount = np.random.default_rng(falls).poisson(100, (12, 16)).astype(float)
    amount[market == falls, :3] /= 2
    claims = {claim.where["market"]: claim for claim in segment_changes(panel(amount, market), figure(amount))}
    own, other = claims["AB"[falls - 1]], claims["BA"[falls - 1]]
    assert own.p_value < 1e-5
    assert own.effect == pytest.approx(0.5, rel=0.1)
    assert (other.p_value, other.cause) == (1.0, own.where), "its share rises because that of the other falls"


def test_a_segment_of_two_members_is_a_matter_of_these() -> None:
    rng = np.random.default_rng(6)
    amount = rng.poisson(100, (12, 12)).astype(float)
    for size, tested in ((2, {"B", "C"}), (3, {"A", "B", "C"})):
        market = np.r_[np.full(size, 1), 2 + np.arange(12 - size) % 2]
        assert {claim.where["market"] for claim in segment_changes(panel(amount, market), figure(amount))} == tested


def test_the_complete_part_of_a_segment() -> None:
    workspace = cast(Any, SimpleNamespace(values=lambda name: ("", "ID", "TH", "VN")))
    window = Window(1, 2)
    gap = (MissingExport("orders", "TH", window), MissingExport("traffic", "", window))
    assert str(complete_part(workspace, EVERYTHING, gap)) == "market=ID|VN"
    assert str(complete_part(workspace, Segment.parse("market=ID|TH"), gap)) == "market=ID"
    assert str(complete_part(workspace, Segment.parse("market=TH"), gap)) == "market=TH"
    assert complete_part(workspace, EVERYTHING, gap[1:]) == EVERYTHING


def test_days_without_an_export_leave_the_totals_of_others() -> None:
    amount = np.full((6, 12), 100.0)
    both = replace(panel(amount, 1 + np.arange(6) % 3), amounts={"impressions": 90 * amount, "orders": amount})
    for kind, tested in (("", ["impressions", "orders"]), ("traffic", ["orders"]), ("orders", ["impressions"])):
        sources = cast(Any, SimpleNamespace(amounts=both, activities=(), incomplete=frozenset([kind])))
        assert [claim.figure for claim in amount_claims(sources) if claim.topic == "demand"] == tested
    days = Window(0, 1)
    told = [str(MissingExport("traffic", market, days)).partition("left")[2] for market in ("", "TH")]
    assert told == ["; impressions in total are not tested", ""]


def test_main_shops_are_those_of_most_orders_that_name_both() -> None:
    table = panel(np.array([[5.0], [3.0], [4.0], [1.0], [9.0]]), np.ones(5, np.int64))
    sellers = {"creator_id": np.array([1, 1, 1, 2, 3]), "seller_id": np.array([1, 2, 0, 2, 0])}
    names = {"creator_id": ("", "a", "b", "c"), "seller_id": ("", "s", "t")}
    both = replace(table, leaf_members=sellers, member_names=names)
    crowd = SimpleNamespace(side="creators", size=5, names=SimpleNamespace(words=("", "a", "aa", "b", "c")))
    sources = SimpleNamespace(amounts=both, activities=(SimpleNamespace(crowd=crowd),))
    shops = main_shops(cast(Any, sources))
    assert shops is not None
    assert shops.tolist() == [0, 1, 0, 2, 0]
    assert main_shops(cast(Any, SimpleNamespace(amounts=table, activities=sources.activities))) is None


@pytest.mark.parametrize(("joined", "weeks", "seen"), [(NEVER, 12, 4), (NEVER, 6, 0), (NEVER, 40, 16), (900, 12, 16)])
def test_newcomers_are_told_from_who_was_there_eight_weeks_after_the_data_begin(
    joined: int, weeks: int, seen: int
) -> None:
    crowd = SimpleNamespace(joined=np.array([NEVER, joined, joined]))
    assert _weeks_with_newcomers(cast(Any, SimpleNamespace(crowd=crowd, weeks=weeks)), 16) == seen
