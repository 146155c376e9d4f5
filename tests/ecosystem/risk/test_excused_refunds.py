"""Members whose buyers send far more back for no fault, or praise far more when they come back, than elsewhere."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from core.ecosystem.risk.excused_refunds import Returns, elsewhere, excused_refunds
from core.ecosystem.risk.review_patterns.repeated_praise import repeated_praise

MEMBERS, EACH = 30, 60


def returns(more: int, sources: int = 1) -> Returns:
    """Thirty members with sixty purchases, one in thirty sent back for no fault, and one for a fault; `more` of the first one's
    go back for none."""
    member = np.repeat(np.arange(1, MEMBERS + 1), EACH)
    at = np.tile(np.arange(EACH), MEMBERS)
    excused = (at % 30 == 7) | ((member == 1) & (at >= EACH - more))
    source = np.where(member == 1, sources, 1)
    return Returns(
        member=member, kinds=(source, *[at % 4 + 9 * source] * 2, at % 12 + 99 * source),
        buyer=np.arange(1, len(at) + 1), age=at, is_excused=excused, is_refunded=excused | (at % 30 == 8),
    )  # fmt: skip


def test_far_more_refunds_for_no_fault_than_of_the_same_products_elsewhere_are_a_lead() -> None:
    lines = returns(9)
    found = excused_refunds(lines, lines.age < 58)
    at = int(found.member.tolist().index(1))
    assert found.p_value[at] < 1e-4
    assert np.delete(found.p_value, at).min() == 1
    seen, share = found.reasons(at)
    assert share == "85% of its refunds are for no fault, versus 50% elsewhere"
    # about the two of sixty that others send back
    assert re.fullmatch(
        r"11 of 60 purchases were sent back for no fault; .* elsewhere, (1\.[5-9]|2\.\d) would be expected", seen
    )
    assert found.rows is not None
    rows = found.rows(at)
    assert (len(rows), rows.sum()) == ((lines.age < 58).sum(), 9), "two of eleven are older"
    assert excused_refunds(returns(2), lines.age < 58).p_value.min() == 1


def test_rates_elsewhere_are_those_of_the_product_leaning_to_its_category_and_source() -> None:
    """Of 29 others 58 of 1,740 purchases come back, and one more is taken to: the 8th and 38th of each. The 8th is one of 435 of
    the last category, and of 145 of its product; of those of the 9th none is."""
    lines = returns(9)
    rate, doubt = elsewhere(lines.member, lines.kinds, np.ones(len(lines.age)), lines.is_excused)
    for at, came_back in ((7, 29), (8, 0)):
        usual = 59 / 1740
        for alike, others in ((2, 435), (8, 435), (8, 145)):
            usual = (came_back + alike) / (others + alike / usual)
        assert rate[at] == pytest.approx(usual)
        assert doubt[at] == pytest.approx(1 / (came_back + 8))


def test_a_category_that_is_sent_back_more_often_than_others_is_no_lead() -> None:
    """Three of thirty members sell one that a quarter of all buyers send back, one of them in a market of its own."""
    lines = returns(0)
    category = np.where(lines.member < 4, 1, 2)
    excused = np.where(category == 1, lines.age % 4 == 1, lines.age % 60 == 7)
    market = 10 * category + np.where(lines.member == 1, 1, 2)
    kinds = (np.ones(len(excused), int), category, market, lines.member)
    high = replace(lines, kinds=kinds, is_excused=excused, is_refunded=excused)
    assert excused_refunds(high, lines.age < 58).p_value.min() > 0.01
    alone = replace(high, kinds=(kinds[0], np.where(lines.member == 1, 3, category), *kinds[2:]))
    found = excused_refunds(alone, lines.age < 58)
    assert found.member.tolist() == list(range(2, 31)), "nobody else sells it"


def test_who_is_alone_in_a_source_is_not_compared() -> None:
    found = excused_refunds(returns(30, sources=2), np.ones(MEMBERS * EACH, bool))
    assert 1 not in found.member.tolist()
    lines = returns(9)
    nothing = Returns(member=0 * lines.member, kinds=lines.kinds, buyer=lines.buyer, age=lines.age,
                      is_excused=lines.is_excused, is_refunded=lines.is_refunded)  # fmt: skip
    assert not len(excused_refunds(nothing, lines.age < 9).member)


def test_all_that_a_buyer_buys_on_a_day_comes_back_once() -> None:
    lines = returns(9)
    basket = Returns(member=lines.member, kinds=lines.kinds, buyer=np.where(lines.member == 1, 5, lines.buyer),
                     age=np.where(lines.member == 1, 3, lines.age), is_excused=lines.is_excused,
                     is_refunded=lines.is_refunded)  # fmt: skip
    assert excused_refunds(basket, lines.age < 58).p_value.min() == 1


def praise(again_praised: int) -> tuple[np.ndarray, ...]:
    """(member, buyer, age, praised): each of 40 buyers of each of 20 members buys twice; a quarter of the purchases are praised,
    and so many of the second ones of the first member."""
    member = np.repeat(np.arange(1, 21), 80)
    at = np.tile(np.arange(80), 20)
    second = at >= 40
    praised = np.where((member == 1) & second, at - 40 < again_praised, at % 4 == 1)
    return member, member * 100 + at % 40, np.where(second, 20, 60), praised


def test_praise_of_nearly_all_who_come_back_is_a_lead() -> None:
    """Elsewhere 190 of 760 second purchases are praised, and six of ten are taken to be: 196 of 770."""
    member, buyer, age, praised = praise(38)
    every = np.ones(len(member), bool)
    found = repeated_praise(member, buyer, age, praised, every, age < 56)
    odds = 196 / 574
    assert found.p_value[0] == pytest.approx(stats.binom.sf(37, 40, 2.25 * odds / (1 + 2.25 * odds)), rel=1e-6)
    assert (found.p_value[1:] == 1).all()
    assert found.reasons(0) == (
        "38 of 40 purchases by buyers who came back have a review of four or five stars; for 2 without one, 1.0 are usual",
    )
    assert found.rows is not None
    assert found.rows(0).sum() == 38
    for some in (praise(12), (member, buyer, age, praised & (age > 30))):
        assert (repeated_praise(*some, every, every).p_value == 1).all()


def test_who_is_praised_as_often_by_new_buyers_is_no_lead_here() -> None:
    member, buyer, age, praised = praise(38)
    praised = praised | (member == 1) & (age == 60) & (buyer % 20 > 1)
    every = np.ones(len(member), bool)
    assert repeated_praise(member, buyer, age, praised, every, every).p_value.min() == 1
    assert not len(repeated_praise(member, buyer, age, praised, ~every, every).member), "too young to tell"
