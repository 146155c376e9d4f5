"""Whose lead a pattern is: the rows that make it up, and the purer of two sides."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import EVERYTHING
from core.ecosystem.completeness import MissingExport
from core.ecosystem.results.health_results import Risk
from core.ecosystem.risk import risk_leads
from core.ecosystem.risk.bad_orders_apart import bad_orders_apart
from core.ecosystem.risk.lead_tests import Leads
from core.ecosystem.risk.risk_leads import _at_creators, _is_shadow, _Lead, _purity, _repeated
from core.ecosystem.risk.tail_tests import tail

GAPS = MissingExport("traffic", "", Window(985, 987)), MissingExport("traffic", "TH", Window(999, 1000))


def lead(column: str, member: int, rows: list[int], size: int = 40, source: str = "orders") -> _Lead:
    flags = np.isin(np.arange(size), rows)
    return _Lead(risk=cast(Risk, None), column=column, member=member, source=source, rows=flags)


def test_a_pattern_stands_at_the_door_of_those_who_make_it() -> None:
    """Forty lines: shop 1 has all, creators 1 to 4 ten each."""
    places = {"seller_id": np.ones(40, int), "creator_id": np.repeat(np.arange(1, 5), 10)}
    shop, ring = lead("seller_id", 1, list(range(10))), lead("creator_id", 1, list(range(10)))
    assert _purity(ring.rows, [ring], places) == 1.0
    assert _purity(shop.rows, [shop], places) == 0.25
    assert _is_shadow(shop, [shop, ring], places)
    assert not _is_shadow(ring, [shop, ring], places)
    other = lead("seller_id", 1, list(range(10)), source="reviews")
    assert not _is_shadow(shop, [shop, other, lead("creator_id", 2, list(range(10, 20)))], places)
    half = lead("creator_id", 1, list(range(4)))
    assert not _is_shadow(shop, [shop, half], places), "less than half of its lines"
    whole = lead("seller_id", 1, list(range(40)))
    small = lead("creator_id", 2, list(range(10, 20)))
    assert _is_shadow(small, [small, whole], places), "its lines are few of the other's"
    assert not _is_shadow(whole, [small, whole], places)
    most = lead("seller_id", 1, list(range(30)))
    assert _purity(most.rows, [most], places) == 0.75
    assert not _is_shadow(small, [small, most], places), "all of its own lines are odd, three quarters of the shop's"
    assert _repeated(np.array([True] * 4 + [False]), np.array([3, 3, 0, 4, 4])).tolist() == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_shop_is_named_where_it_is_purer_by_a_quarter_and_a_creator_where_the_shop_is_not() -> None:
    """Of forty lines, shop 1 has the first `shop`, creator 1 the first `creator`; the first ten are odd."""
    odd = list(range(10))
    ring, door = lead("creator_id", 1, odd), lead("seller_id", 1, odd)
    for shop, creator, shadows in ((16, 20, [True, False]), (15, 20, [False, True]), (10, 10, [True, False])):
        places = {"seller_id": (np.arange(40) < shop) * 1, "creator_id": (np.arange(40) < creator) * 1}
        assert [_is_shadow(item, [ring, door], places) for item in (door, ring)] == shadows
    short = lead("creator_id", 1, odd, size=30)
    assert not _is_shadow(door, [door, short], places), "rows of another table"
    assert not _is_shadow(lead("person_id", 1, odd), [lead("person_id", 1, odd), ring], places), "a person has no lines"
    five, nine = lead("seller_id", 1, list(range(5, 15))), lead("seller_id", 1, list(range(6, 16)))
    assert [_is_shadow(item, [item, ring], {**places, "seller_id": np.ones(40, int)}) for item in (five, nine)] == [
        True,
        False,
    ]


def test_leads_are_those_below_the_limit_of_everything_that_is_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of thirteen weeks; of those of the newest eight, line 2 is too old. Of five tests, q = 0.02 is a lead."""
    asked: list[object] = []
    orders = {
        "seller_id": np.array([1, 1, 2]), "buyer_id": np.array([5, 5, 5]), "day": np.array([1000, 945, 944]),
        "refunded": np.array([999, 0, 999]), "refund_reason": np.array([1, 1, 2]),
    }  # fmt: skip
    reviews = {"seller_id": np.array([2]), "day": np.array([999])}

    def read(kind: str, result: object) -> object:
        return lambda *values: asked.append((kind, *values[1:])) or result

    for name, result in (("orders", orders), ("reviews", reviews), ("repeated_texts", None)):
        monkeypatch.setattr(risk_leads.risk_rows, name, read(name, result))
    p_values = np.array([0.004, 0.9, 1e-6]), np.array([0.012, 0.0121])

    def tests(*values: object) -> list[risk_leads.Tested]:
        assert values[-1] == {"": {1, 2}, "TH": {0}}, "days 985 to 987 are of these weeks, counted back"
        kinds = zip(("order_burst", "order_surge"), p_values, strict=True)
        return [
            risk_leads.Tested("seller_id", ("", "s", "t", "u"), Leads(
                kind=kind, member=np.arange(1, len(p) + 1), p_value=p, cell=np.arange(len(p)), reasons=lambda cell: ("",),
                rows=lambda cell: np.zeros(2, bool),
            ))
            for kind, p in kinds
        ]  # fmt: skip

    monkeypatch.setattr(risk_leads, "tests_of_side", tests)
    monkeypatch.setattr(risk_leads.rating_rows, "words", lambda *_: ("", "Changed my mind", "defective"))
    crowd = SimpleNamespace(side="sellers", names=SimpleNamespace(place=np.array([0, 2, 1])))
    activities = cast(Any, [SimpleNamespace(crowd=crowd)])
    found, number = risk_leads.risks(cast(Any, None), activities, 1000, EVERYTHING, GAPS)
    window = Window(1001 - 7 * 13, 1000)
    assert asked == [("orders", window, EVERYTHING), ("reviews", window, EVERYTHING), ("repeated_texts", window)]
    # by the step-up rule: 1e-6 x 5, 0.004 x 5 / 2 = 0.01, 0.012 x 5 / 3 = 0.02 and 0.0121 x 5 / 4 = 0.015
    assert [(item.subject["seller_id"], item.kind, item.q_value) for item in found] == [
        ("u", "order_burst", pytest.approx(5e-6)),
        ("s", "order_burst", pytest.approx(0.01)),
        ("s", "order_surge", pytest.approx(0.015125)),
        ("t", "order_surge", pytest.approx(0.015125)),
    ]
    assert number == {"order_burst": 3, "order_surge": 2}
    p_values[1][:] = 0.0161, 0.9  # x 5 / 3 = 0.0268
    assert len(risk_leads.risks(cast(Any, None), activities, 1000, EVERYTHING, GAPS)[0]) == 2
    p_values[1][0] = 0.012  # x 5 / 3 = 0.02
    assert len(risk_leads.risks(cast(Any, None), activities, 1000, EVERYTHING, GAPS)[0]) == 3
    monkeypatch.setattr(risk_leads, "tests_of_side", lambda *_: [])
    assert risk_leads.risks(cast(Any, None), activities, 1000, EVERYTHING, GAPS) == ((), {})


def test_lines_of_a_buyer_elsewhere_are_no_repeats() -> None:
    here, buyer = np.array([True, True, False, True, False]), np.array([2, 2, 7, 5, 5])
    assert _repeated(here, buyer).tolist() == [True, True, False, False, False]
    assert _repeated(here[:0], buyer[:0]).tolist() == []


def test_which_lines_count_among_those_of_buyers_who_come_back() -> None:
    orders = {
        "buyer_id": np.array([0, 1, 1, 2, 1]),
        "day": np.array([99, 99, 98, 90, 90]),
        "refunded": np.array([1, 0, 1, 1, 1]),
    }
    found = risk_leads._buyers(orders, 100)
    assert found["refund_ring"].tolist() == [0, 0, 1, 2, 1]
    assert found["shared_buyers"].tolist() == [0, 1, 1, 2, 1]
    weekly = found[""]
    assert weekly[0] == 0
    assert weekly[1] == weekly[2] > 0
    assert len({*weekly[[1, 3, 4]].tolist()}) == 3


@pytest.mark.parametrize("kind", ["order_burst", "review_burst"])
def test_the_lines_of_a_lead_without_rows_of_its_own(kind: str) -> None:
    leads = Leads(kind=kind, member=np.array([7, 3]), p_value=np.array([1e-9, 1.0]), cell=np.array([4, 5]),
                  reasons=lambda cell: (f"cell {cell}",))  # fmt: skip
    tested = risk_leads.Tested("seller_id", tuple("abcdefgh"), leads)
    places = {"seller_id": np.array([7, 7, 3, 7, 7])}
    buyers = {"": np.array([1, 1, 1, 2, 0])}
    found = risk_leads._lead(tested, 0, 0.01, {"orders": places, "reviews": places}, buyers)
    assert (dict(found.risk.subject), found.risk.score, found.risk.reasons) == ({"seller_id": "h"}, 90.0, ("cell 4",))
    assert found.source == ("reviews" if kind == "review_burst" else "orders")
    lines = [True, True, False, True, True] if kind == "review_burst" else [True, True, False, False, False]
    assert found.rows.tolist() == lines
    elsewhere = risk_leads._lead(tested, 0, 0.01, {"orders": {}, "reviews": {}}, buyers)
    assert elsewhere.rows.tolist() == []


def test_a_purchase_is_bad_when_any_of_its_lines_is() -> None:
    """Member 1 has twelve purchases of two lines at shop 9, one line of each bad; others sell there without any."""
    member = np.r_[np.ones(24, int), np.repeat(np.arange(2, 12), 30)]
    mate = np.r_[np.full(24, 9), np.tile([9, 8, 7], 100)]
    buyer, age = np.r_[np.repeat(np.arange(1, 13), 2), np.arange(100, 400)], np.full(324, 5)
    bad = np.r_[np.tile([True, False], 12), np.zeros(300, bool)]
    names = ("", *(f"c{at}" for at in range(1, 12)))
    found = bad_orders_apart(member, mate, age=age, buyer=buyer, bad=bad, names=names, recent=np.ones(324, bool))
    assert found.p_value[0] == pytest.approx(tail(np.array([12]), np.array([0.25]), 1.0)[0])
    first, second = found.reasons(int(found.cell[0]))
    assert first.startswith("12 of 12 purchases at one shop were refunded or badly reviewed; 0.2 would be usual")
    assert second == "c2 has 10 purchases at the same shops, 0 of them bad"
    assert found.rows is not None
    assert np.flatnonzero(found.rows(int(found.cell[0]))).tolist() == list(range(0, 24, 2))
    assert found.p_value[1:].min() == 1.0


@pytest.mark.parametrize(
    ("bad", "fine", "is_apart", "named"), [(4, 1, True, True), (3, 1, False, True), (4, 2, True, False)]
)
def test_four_fifths_are_nearly_all(bad: int, fine: int, is_apart: bool, named: bool) -> None:
    """Member 1 has five purchases at shop 9, member 2 too, `fine` of them bad; buyers of nobody's are each another."""
    member, mate = np.r_[np.full(5, 1), np.full(5, 2), np.full(90, 3), 0], np.r_[np.full(10, 9), np.full(91, 8)]
    spoilt = np.r_[np.arange(5) < bad, np.arange(5) < fine, np.zeros(90, bool), True]
    nothing = np.zeros(101, int)
    found = bad_orders_apart(
        member, mate, age=nothing, buyer=nothing, bad=spoilt, names=tuple("_abc"), recent=np.ones(101, bool)
    )
    assert found.member.tolist() == [1, 2, 3]
    cell = int(found.cell[0])
    assert found.rows is not None
    assert found.rows(cell).sum() == (bad if is_apart else 0)
    if is_apart:
        assert found.reasons(cell)[0].startswith(f"{bad} of 5 purchases at one shop")
        assert (len(found.reasons(cell)) == 2) is named


@pytest.mark.parametrize(
    ("elsewhere", "fourth", "named"),
    [
        (35, 3, ["a", "b", "c"]),  # odds of 27.5 to 3.5, and of 35.5 to 35.5
        (50, 3, ["a", "b", "c"]),  # 50.5 to 20.5
        (52, 3, []),  # 52.5 to 18.5: less than three times as much
        (0, 5, ["a", "b", "c"]),
    ],
)
def test_a_pattern_of_a_shop_that_comes_through_three_creators_is_theirs(
    elsewhere: int, fourth: int, named: list[str]
) -> None:
    """Of 100 lines of a shop 30 are a pattern, ten, nine and the rest through three creators, but those of a fourth; so many of
    the others are theirs. Another shop has lines of a fifth."""
    ring = [1] * 10 + [2] * 9 + [3] * (11 - fourth) + [4] * fourth
    creator = np.array(
        [*ring, *[1, 2, 3] * (elsewhere // 3), *[1] * (elsewhere % 3), *[4] * (70 - elsewhere), *[5] * 9]
    )
    places = {"orders": {"creator_id": creator, "seller_id": np.array([1] * 100 + [2] * 9)}}
    risk = Risk(subject={"seller_id": "s"}, kind="order_burst", score=9.0, p_value=0.1, q_value=0.2, reasons=("odd",))
    shop = replace(lead("seller_id", 1, list(range(30)), 109), risk=risk)
    found = list(_at_creators([shop], places, ("", "a", "b", "c", "d", "e")))
    assert [item.subject for item in found] == ([{"creator_id": name} for name in named] or [{"seller_id": "s"}])
    if named:
        assert found[0].reasons == ("10 of the 30 order lines of a pattern at s came through it", "at s: odd")
        own = replace(lead("creator_id", 2, [3], 109), risk=replace(risk, subject={"creator_id": "b"}))
        both = list(_at_creators([shop, own], places, ("", "a", "b", "c", "d", "e")))
        assert [item.subject["creator_id"] for item in both] == ["a", "c", "b"], "who is a lead by itself is told once"


def test_creators_with_a_few_lines_of_a_pattern_are_not_named() -> None:
    """Nine, five and four of eighteen lines; nobody is known of six more shops' lines."""
    creator = np.array([1] * 9 + [2] * 5 + [3] * 4 + [4] * 30)
    places = {"orders": {"creator_id": creator, "seller_id": np.ones(48, int)}}
    shop = lead("seller_id", 1, list(range(18)), 48)
    assert risk_leads._ring(shop, places["orders"]) == {}, "14 of 18 come through two"
    assert risk_leads._ring(lead("seller_id", 1, list(range(14)), 48), places["orders"]) == {1: 9, 2: 5}
    assert risk_leads._ring(shop, {"seller_id": np.ones(48, int)}) == {}
