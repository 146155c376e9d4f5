"""How far metrics moved, and what is said of it, at the bounds: small amounts, gone values, orders of turns, exact words."""

from itertools import permutations
from math import exp, pi, sqrt
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load
from core.explanation import change_context
from core.explanation.change_context import other_measures
from core.explanation.decompose.drivers import contributions
from core.explanation.decompose.metric_moves import _dispersion, lines
from core.explanation.decompose.mix_and_rate import mix_of_ratio
from core.explanation.diagnose import cause_weights
from core.explanation.diagnose import move_likelihood as likelihood
from core.explanation.locate import replaced_values
from core.explanation.locate.change_location import _searches
from core.explanation.locate.replaced_values import is_replaced
from core.localization.with_history.actual_vs_expected import LeafSums
from tests.explanation.decompose.test_algebra_of_lines import daily
from tests.explanation.diagnose.test_cause_tests import LIVE, context, text
from tests.explanation.diagnose.test_cause_weights import move

CATALOGUE = load()
GMV, CTR = CATALOGUE.metric("gmv"), CATALOGUE.metric("ctr")


@pytest.mark.parametrize("unit", [1.0, 1e-6, 1e6])
def test_what_all_others_did_counts_in_any_unit(unit: float) -> None:
    """Ten a day inside, thirty outside, which doubled: twenty are expected."""
    inside = daily(56, gmv=np.full(63, 10.0) * unit)
    outside = daily(56, gmv=np.where(np.arange(63) >= 56, 60.0, 30.0) * unit)
    assert lines(GMV, inside, outside)[1][56:] == pytest.approx(np.full(7, 20.0 * unit))
    assert lines(GMV, inside, None)[1][56:] == pytest.approx(np.full(7, 10.0 * unit))


def test_days_without_anything_scatter_by_one() -> None:
    level, nothing = np.full(63, 500.0), np.zeros(63)
    for counted in (True, False):
        assert _dispersion(nothing, level, daily(56, gmv=nothing), counted) == 1.0


def test_the_rate_of_a_value_that_is_gone_is_what_it_was() -> None:
    """A had 40 of 100 visits and a rate of 50 %, B keeps 10 %; A is gone: all of it is mix."""
    effect = mix_of_ratio(
        "market",
        ("A", "B"),
        (np.array([0.0, 6.0]), np.array([20.0, 6.0])),
        (np.array([0.0, 60.0]), np.array([40.0, 60.0])),
    )
    middle = (0.1 + 0.26) / 2
    by_value = {value.value: value.mix for value in effect.values}
    assert by_value == {"A": pytest.approx(-0.4 * (0.5 - middle)), "B": pytest.approx(0.4 * (0.1 - middle))}
    assert effect.mix == pytest.approx(-0.16)
    assert effect.rate == pytest.approx(0.0)


@pytest.mark.parametrize("pairs", [
    [(0.0, 2.0), (3.0, 1.0), (5.0, 4.0)], [(0.0, 2.0), (3.0, 1.0), (5.0, 4.0), (2.0, 7.0)], [(6.0, 0.0), (1.0, 3.0), (2.0, 2.0)],
])  # fmt: skip
def test_each_factor_brings_its_mean_turn_over_all_orders(pairs: list[tuple[float, float]]) -> None:
    brought = np.zeros(len(pairs))
    orders = list(permutations(range(len(pairs))))
    for order in orders:
        state = [then for _, then in pairs]
        for factor in order:
            before = np.prod(state)
            state[factor] = pairs[factor][0]
            brought[factor] += (np.prod(state) - before) / len(orders)
    after, base = (float(np.prod([pair[side] for pair in pairs])) for side in (0, 1))
    assert contributions(pairs, after, base) == pytest.approx(brought.tolist())


@pytest.mark.parametrize(("beyond", "error", "largest"), [(-0.4, 0.3, 1.0), (0.2, 0.05, 0.6)])
def test_a_needed_move_is_a_share_of_the_largest_one(beyond: float, error: float, largest: float) -> None:
    def normal(value: float, variance: float) -> float:
        return exp(-value * value / (2 * variance)) / sqrt(2 * pi * variance)

    shares = {0.2: 0.15, 0.5: 0.25, 1.0: 0.3, 2.0: 0.2, 5.0: 0.1}
    for way, sign in (("up", 1), ("down", -1)):
        expected = sum(
            share * normal(sign * beyond - relative * largest, error**2 + (0.4 * relative * largest) ** 2 + 1e-4)
            for relative, share in shares.items()
        )
        assert likelihood.moves_as_needed(move(beyond, error), cast(Any, way), largest) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("beyond", "tail"), [(-0.5, ", as this cause predicts"), (0.5, "; this cause would make it fall")]
)
def test_a_needed_move_is_said_to_be_predicted_or_not(beyond: float, tail: str) -> None:
    pattern = SimpleNamespace(moves={"ctr": "down"}, may={"cart_rate": "up"})
    weight = cause_weights._of_metric(cast(Any, pattern), move(beyond), 0.5)
    assert weight.text.endswith(f"(±10.0%) versus the rest{tail}")
    may = cause_weights._of_metric(cast(Any, pattern), move(beyond, metric="cart_rate"), 0.5)
    assert may.text.endswith("versus the rest; this cause may make it rise")
    flat = cause_weights._of_metric(cast(Any, pattern), move(beyond, metric="payment_rate"), 0.5)
    assert flat.text.endswith("versus the rest; this cause would leave it unchanged")
    assert flat.amount < 0


def test_a_slight_sign_of_a_cause_is_as_predicted_too() -> None:
    """A move just beyond its error weighs less than one, and for the cause."""
    pattern = SimpleNamespace(moves={"ctr": "down"}, may={})
    weight = cause_weights._of_metric(cast(Any, pattern), move(-0.12, 0.1), 0.12)
    assert 0 < weight.amount < 1
    assert weight.text.endswith("as this cause predicts")


def test_neighbours_are_compared_with_all_that_lies_further_off() -> None:
    """Everything rises by 15 % but for what one channel of one market loses: its neighbours gain nothing."""
    alike = context(LIVE, lambda market, channel, _: 0.4 if (market, channel) == ("ID", "live") else 1.15)
    assert text("traded_places", alike).startswith("impressions of the neighbours +0.0%")
    alone = context(Segment.parse("channel=live"), lambda _, channel, __: 0.4 if channel == "live" else 1.15)
    assert text("traded_places", alone).startswith("impressions of the neighbours +15.0%"), (
        "there is nothing further off"
    )


def test_a_product_is_looked_for_in_its_factors_and_in_what_the_last_one_is_counted_over() -> None:
    def keys(metric: Any, *measures: str) -> list[str]:
        workspace = SimpleNamespace(catalogue=CATALOGUE, measures=measures)
        return [searched.key for searched in _searches(cast(Any, SimpleNamespace(metric=metric, workspace=workspace)))]

    assert keys(GMV, "gmv", "orders", "paid_orders") == [
        "gmv",
        "orders",
        "payment_rate",
        "average_order_value",
        "paid_orders",
    ]
    assert keys(GMV, "gmv") == ["gmv"]
    assert keys(CTR, "clicks", "impressions") == ["ctr", "impressions"]


@pytest.mark.parametrize(
    ("lost", "new", "replaced"), [(0.0, 0.0, False), (10.0, 6.5, True), (10.0, 6.4, False), (-10.0, 9.0, False)]
)
def test_what_lost_nothing_was_replaced_by_nothing(
    lost: float, new: float, replaced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sums = {"impressions": (np.array([90.0 - lost, new]), np.array([90.0, 0.0]))}
    table = LeafSums(
        {"market": ("", "ID"), "version": ("", "v1", "v2")}, ("market", "version"), np.array([[1, 1], [1, 2]], np.int32),
        sums,
    )  # fmt: skip
    figures = SimpleNamespace(leaves=lambda *_: table, slices=lambda _: ())
    monkeypatch.setattr(replaced_values, "ExplainRequest", lambda **_: SimpleNamespace(figures=lambda: figures))
    workspace = cast(Any, SimpleNamespace(catalogue=CATALOGUE, measures=("impressions", "orders")))
    where = Segment.parse("version=v1")
    assert bool(is_replaced(workspace, CATALOGUE.metric("orders"), cast(Any, None), where)) is replaced
    sums["gmv"] = sums["impressions"]
    workspace.measures = ("gmv",)
    assert bool(is_replaced(workspace, GMV, cast(Any, None), where)) is replaced, "nothing is counted: by its money"
    assert not is_replaced(workspace, CTR, cast(Any, None), where)


@pytest.mark.parametrize("kind", ["daily", "orders"])
def test_other_measures_moved_or_stayed_or_may_have_done_either(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A move of 1.0 is halved at 0.5: what is not that large, with 1.96 errors, stayed."""
    moves = {
        "own": move(-1.0, 0.1, "own"), "b": move(0.3, 0.02, "b"), "a": move(-0.3, 0.02, "a"), "most": move(-0.8, 0.1, "most"),
        "still": move(0.2, 0.15, "still"), "open": move(0.2, 0.16, "open"), "against": move(-0.25, 0.2, "against"),
    }  # fmt: skip
    line = SimpleNamespace(sums={}, minus=lambda _: None)
    seen: list[Any] = []

    def since(day: int) -> Any:
        seen.append(day)
        return line

    line.since = since
    monkeypatch.setattr(change_context, "daily", lambda _: line)
    monkeypatch.setattr(change_context, "moved_where_given", lambda *_: dict(moves))
    compared = SimpleNamespace(where=lambda _: None, baseline=SimpleNamespace(kind="expected"))
    metric = SimpleNamespace(key="own", measures=lambda: {"own"})
    workspace = SimpleNamespace(kind_of=lambda _: kind, catalogue=SimpleNamespace(computable=lambda _: []))
    request = cast(Any, SimpleNamespace(workspace=workspace, metric=metric, compare_everywhere=lambda _: compared))
    change = cast(Any, SimpleNamespace(
        located=SimpleNamespace(before=1), segments=(EVERYTHING,), onset=SimpleNamespace(day=30)
    ))  # fmt: skip
    found = [(other.metric, other.moved) for other in other_measures(request, change)]
    if kind == "orders":
        assert found == []
        return
    assert found == [("most", True), ("a", True), ("b", True), ("still", False)]
    assert seen == [30, 30]
    compared.baseline.kind = "previous"
    other_measures(request, change)
    assert seen == [30, 30], "named days are compared as they are"
    moves["own"] = move(-0.2, 0.1, "own")
    assert other_measures(request, change) == (), "the metric itself may not have moved"
