"""Which figures cannot be added up, found by the figures themselves, and which two others they are made of."""

import numpy as np
import pytest

from core.base.arrays import Floats
from core.ingest.columns.rate_parts import find_parts, is_quotient

CLICKS = np.arange(5, 17, dtype=float)
VIEWS = np.array([97, 103, 211, 150, 171, 133, 190, 201, 144, 155, 166, 177], float)
COSTS = CLICKS * 1.37 + 0.11
NAMES = {"clicks": {"clicks"}, "views": {"views"}, "ctr": {"ctr"}}


def figures(values: Floats, rows: int = 12, **more: Floats) -> dict[str, Floats]:
    return {name: column[:rows] for name, column in {"x": values, "clicks": CLICKS, "views": VIEWS, **more}.items()}


@pytest.mark.parametrize("scale", [1.0, 100.0, 1000.0])
def test_a_column_of_fractions_that_two_others_give_is_a_quotient(scale: float) -> None:
    assert is_quotient("x", figures(np.round(scale * CLICKS / VIEWS, 4)))
    assert not is_quotient("x", figures(np.round(scale * CLICKS / VIEWS, 4) + 0.01 * scale))


def test_ten_rows_prove_a_quotient_and_nine_do_not() -> None:
    quotient = np.round(CLICKS / VIEWS, 4)
    assert is_quotient("x", figures(quotient, 10))
    assert not is_quotient("x", figures(quotient, 9))
    blank = np.where(np.arange(12) < 3, np.nan, quotient)
    assert not is_quotient("x", figures(blank))


def test_a_quotient_needs_a_divisor_that_changes_and_counts() -> None:
    constant = np.where(np.arange(12) % 2, 200.0, 100.0)
    assert not is_quotient("x", {"x": np.round(CLICKS / constant, 4), "clicks": CLICKS, "views": constant})
    amounts = VIEWS + 0.37
    assert not is_quotient(
        "x", {"x": np.round((CLICKS + 0.25) / amounts, 6), "clicks": CLICKS + 0.25, "views": amounts}
    )
    assert is_quotient("x", {"x": np.round(CLICKS / amounts, 6), "clicks": CLICKS, "hours": amounts})
    assert not is_quotient("x", {"x": np.round(CLICKS / VIEWS, 4), "clicks": CLICKS})


def test_sums_of_money_prove_a_quotient_that_is_called_none() -> None:
    amounts = VIEWS + 0.37
    table = {"x": np.round(COSTS / amounts, 6), "sales": COSTS, "spend": amounts}
    assert is_quotient("x", table, {"sales", "spend"})
    assert not is_quotient("x", table, {"sales"})
    assert not is_quotient("x", table, {"sales", "spend", "x"})


def test_whole_numbers_and_rounding_that_hides_everything_prove_nothing() -> None:
    assert not is_quotient("x", figures(np.ceil(VIEWS / CLICKS)))
    assert not is_quotient("x", figures(np.round(CLICKS / (VIEWS * 100), 2)))


def test_one_row_of_many_may_be_off() -> None:
    clicks, views = np.arange(3.0, 203.0), np.arange(200.0, 0.0, -1.0) + 317
    rate = np.round(clicks / views, 4)
    few, many = rate.copy(), rate.copy()
    few[5], many[3::20] = 9.5, 9.5
    assert is_quotient("x", {"x": few, "clicks": clicks, "views": views})
    assert not is_quotient("x", {"x": many, "clicks": clicks, "views": views})


@pytest.mark.parametrize(("times", "scale"), [(1.0, 1.0), (100.0, 1.0), (1000.0, 1000.0)])
def test_the_parts_of_a_rate_are_those_that_give_it(times: float, scale: float) -> None:
    ratio = find_parts("ctr", np.round(times * CLICKS / VIEWS, 4), 4, {"clicks": CLICKS, "views": VIEWS}, NAMES)
    assert ratio is not None
    assert (ratio.numerator, ratio.denominator, ratio.scale) == ("clicks", "views", scale)


def test_parts_are_taken_only_where_they_are_certain() -> None:
    rate, both = np.round(CLICKS / VIEWS, 4), {"clicks": CLICKS, "views": VIEWS}
    assert find_parts("ctr", np.zeros(12), 4, both, NAMES) is None
    assert find_parts("ctr", rate[:2], 4, {name: column[:2] for name, column in both.items()}, NAMES) is None
    assert find_parts("ctr", rate[:3], 4, {name: column[:3] for name, column in both.items()}, NAMES) is not None
    assert (
        find_parts("ctr", np.round(rate, 1), 1, both, NAMES) is None
    )  # rounding hides more than a fifth of the largest
    idle = np.where(np.arange(12) == 2, 0.0, VIEWS)
    assert find_parts("ctr", np.where(idle > 0, rate, np.nan), 4, {"clicks": CLICKS, "views": idle}, NAMES) is not None


def test_of_pairs_that_fit_alike_the_one_that_is_named_like_the_rate_counts() -> None:
    alike = {"clicks": CLICKS, "link_clicks": CLICKS, "views": VIEWS}
    named = {"clicks": {"clicks"}, "link_clicks": {"link", "clicks"}, "views": {"views"}}
    rate = np.round(CLICKS / VIEWS, 4)
    assert find_parts("rate", rate, 4, alike, {**named, "rate": {"rate"}}) is None
    for name, numerator in (("clicks_per_view", "clicks"), ("link_clicks_per_view", "link_clicks")):
        ratio = find_parts(name, rate, 4, alike, named)
        assert ratio is not None
        assert ratio.numerator == numerator


def test_a_rate_that_is_the_same_everywhere_or_of_another_scale_has_no_parts() -> None:
    clicks, views = CLICKS, CLICKS * 50
    assert find_parts("ctr", np.full(12, 2.0), 1, {"clicks": clicks, "views": views}, NAMES) is None
    tenth = np.round(VIEWS / CLICKS, 2)
    assert find_parts("ctr", tenth, 2, {"clicks": CLICKS, "views": VIEWS}, NAMES) is not None
    assert find_parts("ctr", tenth, 2, {"clicks": CLICKS, "views": VIEWS}, NAMES, is_percent=True) is None
