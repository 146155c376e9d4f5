"""Formulas: what is read, what is refused."""

import numpy as np
import pytest

from core.catalogue.metric_tree.formula import FormulaError, parse


def test_a_ratio_with_a_scale() -> None:
    formula = parse("1000 x gmv / impressions")
    assert (formula.scale, str(formula.factors[0]), str(formula.denominator)) == (1000.0, "gmv", "impressions")


def test_sums_and_differences_in_brackets() -> None:
    formula = parse("(cancelled_orders - buyer_cancelled_orders) / (orders + returns)")
    sums = {"cancelled_orders": np.array([5.0, 7.0]), "buyer_cancelled_orders": np.array([2.0, 7.0])}
    assert formula.factors[0].of(sums).tolist() == [3.0, 0.0]
    assert formula.denominator is not None
    assert formula.denominator.measures() == {"orders", "returns"}


def test_a_product_in_every_spelling_of_times() -> None:
    assert parse("a x b * c × d").factors == parse("a*b*c*d").factors
    assert parse("a x b").is_product


@pytest.mark.parametrize("name", ["成交订单数", "ยอดขาย", "öppningar", "7_day_users", "x", "2nd_$_views", "बिक्री"])
def test_a_name_may_be_of_any_script_and_begin_with_a_digit(name: str) -> None:
    formula = parse(f"1000 x {name} / clicks")
    assert (formula.scale, str(formula.factors[0])) == (1000.0, name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a name is expected"),
        ("clicks /", "a name is expected"),
        ("clicks / impressions / orders", "not expected"),
        ("(clicks + orders / impressions", "bracket is not closed"),
        ("ctr x (a + b)", "give the parts names of their own"),
        ("clicks & impressions", "cannot read"),
        ("1000", "names no measure"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, said: str) -> None:
    with pytest.raises(FormulaError, match=said):
        parse(text)
