"""Which claims are marked, and which comes first."""

import numpy as np
import pytest

from core.detection.distributions import q_values
from core.ecosystem.false_discovery import decided, matters
from core.ecosystem.headline import headline
from core.ecosystem.results.claim_results import Claim


def claim(p_value: float, topic: str = "quality", effect: float = 2.0, **other: object) -> Claim:
    values = {
        "figure": "refund_rate", "side": "", "where": {}, "unit": "ratio", "now": 0.2, "before": 0.1, "is_factor": True,
        "interval": None, "onset": 1, "is_worse": True,
    }  # fmt: skip
    return Claim(topic=topic, effect=effect, p_value=p_value, **{**values, **other})  # type: ignore[arg-type]


def test_one_limit_over_all_topics_and_only_what_matters_is_marked() -> None:
    many = [claim(0.5, figure=f"f{at}") for at in range(300)]
    found = decided(
        [*many, claim(1e-3, "newcomers"), claim(1e-9, effect=1.01, figure="tiny"), claim(1e-5, figure="large")]
    )
    marked = {one.figure for one in found if one.is_marked}
    assert marked == {"large", "refund_rate"}
    assert [one.is_marked for one in found] == sorted((one.is_marked for one in found), reverse=True)
    assert next(one for one in found if one.figure == "tiny").q_value < 1e-6
    assert decided([]) == ()


@pytest.mark.parametrize(
    ("effect", "is_factor", "large"), [(1.3, True, True), (0.75, True, True), (1.1, True, False), (0.9, True, False)]
)
def test_factors_matter_either_way(effect: float, is_factor: bool, large: bool) -> None:
    assert matters(claim(0.1, effect=effect, is_factor=is_factor)) == large


def test_where_nothing_is_wrong_pages_have_no_marks() -> None:
    random, pages = np.random.default_rng(13), 0
    for _ in range(200):
        page = [
            claim(chance, topic, figure=str(at))
            for topic in ("quality", "sales")
            for at, chance in enumerate(random.random(40))
        ]
        pages += any(one.is_marked for one in decided(page))
    assert pages <= 10


def test_q_values_do_not_fall_as_chances_rise() -> None:
    chances = np.array([0.2, 0.01, 0.5, 0.01, 1.0])
    found = q_values(chances)
    assert found[1] == found[3] == pytest.approx(0.025)
    assert (np.diff(found[np.argsort(chances)]) >= 0).all()


def test_the_headline_is_the_claim_that_matters_most() -> None:
    page = decided(
        [
            claim(1e-8, effect=1.5),
            claim(1e-8, "activity", 0.3, is_factor=False, figure="silent_share", where={"agency": "A"}),
            claim(0.9, figure="x"),
        ]
    )
    found = headline(page, ())
    assert found.worst is not None
    assert (found.worst.figure, dict(found.where), found.marked, found.is_healthy) == (
        "silent_share",
        {"agency": "A"},
        2,
        False,
    )
    gone = claim(1e-8, "exposure", 1e-12, figure="impressions_share", where={"agency": "B"})
    left = claim(1e-8, "activity", 0.3, is_factor=False, figure="silent_share")
    worst = headline(decided([gone, left]), ()).worst
    assert worst is not None, "two who had all of a segment left: 6 x 1.2 against 6 x 3"
    assert worst.figure == "silent_share"
    fine = headline(decided([claim(0.5)]), ())
    assert (fine.is_healthy, fine.worst, fine.who) == (True, None, ())
    better = headline(decided([claim(1e-9, is_worse=False)]), ())
    assert better.is_healthy
    fallen = claim(1e-9, "demand", 0.6, figure="orders")
    shares = [
        claim(1e-6, "sales", effect, figure=f"{measure}_share", where={"market": market}, is_worse=None)
        for market, effect, measure in (("A", 1.8, "orders"), ("B", 0.4, "gmv"), ("C", 3.0, "gmv"))
    ]
    assert dict(headline(decided([fallen, *shares]), ()).where) == {"market": "B"}, "its share of it fell, too"
