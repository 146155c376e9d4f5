"""What is asked, where it is looked for, and which answer is taken: the days, weights and limits of each decision."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.baseline import Baseline
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load
from core.catalogue.metric_tree.metrics import Metric
from core.detection.forecast.reference_days import ReferenceDays
from core.explanation import change_explanation
from core.explanation.baseline_days import expected_reference
from core.explanation.change_explanation import _mix, _tested
from core.explanation.decompose.metric_moves import daily, moved
from core.explanation.explain_request import ExplainRequest
from core.explanation.explanation_results import Driver, SegmentShare
from tests.localization.with_history.test_leaf_rows import NOW, PAST, STOCK, VALUES

CATALOGUE = load()
CLICKS, CTR, GMV, REFUNDS = (CATALOGUE.metric(key) for key in ("clicks", "ctr", "gmv", "refund_rate"))
FIRST = PAST.first
DAY = 86_400
ID = Segment.parse("market=ID")
KNOWN_EARLY = 5.0
"""Of ten in the end: just enough to judge by."""


def request(metric: Metric = CLICKS, baseline: str = "expected", **more: Any) -> ExplainRequest:
    """A question about the last three of 31 days."""
    workspace = SimpleNamespace(
        catalogue=CATALOGUE,
        measures=("clicks", "violations", "gmv"),
        dimensions=tuple(VALUES),
        span=Window(FIRST, NOW.last),
        newest_clock=(NOW.last + 1) * DAY - 1,
        agencies={},
        events=lambda first, last: [],
        metric=CATALOGUE.metric,
        cube=lambda names, days, *_, age: SimpleNamespace(total=lambda name: 10.0 if age is None else KNOWN_EARLY),
    )
    for name in tuple(more):
        if hasattr(workspace, name):
            setattr(workspace, name, more.pop(name))
    asked = ExplainRequest(
        workspace=cast(Any, workspace),
        metric=metric,
        window=more.pop("window", NOW),
        baseline=baseline,
        where=more.pop("where", EVERYTHING),
        clock=more.pop("clock", "order"),
    )
    rows = SimpleNamespace(as_judged=STOCK, by_event=STOCK)
    asked.__dict__.update({"_inside": rows, "_everywhere": rows, **more})
    return asked


def judged(**fields: Any) -> Any:
    plain = {"is_within_range": False, "score": 4.0, "drop_since": None, "is_drop": True, "age": None}
    return SimpleNamespace(**{**plain, **fields})


@pytest.mark.parametrize(("before", "last"), [(None, 127), (120, 119)])
def test_a_change_is_compared_with_calm_days_before_it(before: int | None, last: int) -> None:
    compared = request().compare(before)
    expected = expected_reference(Window(FIRST, NOW.last), NOW, NOW.first if before is None else before)
    weights = dict(zip(range(FIRST, last + 1), expected.weights, strict=True))
    assert compared.weights.tolist() == [weights.get(day, 0.0) for day in range(FIRST, NOW.last + 1)]
    assert np.flatnonzero(compared.now).tolist() == [28, 29, 30]
    assert np.flatnonzero(compared.held).tolist() == list(range(28)), "days in between weigh nothing and are looked at"
    assert compared.baseline == Baseline("expected", Window(FIRST, last))


def test_all_days_since_a_change_are_judged_together() -> None:
    compared = request().compare_since(125)
    assert np.flatnonzero(compared.now).tolist() == list(range(25, 31))
    assert np.flatnonzero(compared.held).tolist() == list(range(25))
    assert compared.weights[25:].tolist() == [0.0] * 6
    weighed = Window(125, NOW.last)
    assert compared.weights.sum() == pytest.approx(len(weighed))


def test_other_days_weigh_as_the_verdict_weighs_them() -> None:
    reference = ReferenceDays(np.arange(110, 113), np.array([1.0, 2.0, 1.0]), {"clicks": 3.0})
    verdict = judged(reference=reference, baseline=Baseline("window", Window(110, 112)))
    asked = request(baseline="1970-04-21..1970-04-23", judged=verdict)
    for compared in (asked.compare(), asked.figures()):
        assert compared.weights.tolist() == [0.0] * 10 + [1.0, 2.0, 1.0] + [0.0] * 18
        assert compared.baseline == verdict.baseline
    figures = asked.figures()
    assert figures.value(CLICKS)[1] == pytest.approx(3 * (STOCK.daily("clicks")[10:13] @ [1.0, 2.0, 1.0]))
    assert np.flatnonzero(figures.held).tolist() == [10, 11, 12]


@pytest.mark.parametrize(
    ("baseline", "reference", "days"),
    [
        ("expected", Window(710, 750), (702, 802)),
        ("expected", Window(690, 750), (690, 802)),
        ("previous", Window(797, 799), (702, 802)),
        ("window", Window(600, 610), (600, 802)),
        ("window", Window(810, 820), (702, 820)),
    ],
)
def test_days_that_may_be_needed(baseline: str, reference: Window, days: tuple[int, int]) -> None:
    """Six weeks in which a change may have begun, and eight before it."""
    asked = request(
        baseline=baseline,
        window=Window(800, 802),
        span=Window(500, 900),
        judged=judged(reference=SimpleNamespace(window=reference)),
    )
    assert (asked.days.first, max(asked.days.last, asked._past.last)) == days
    assert asked._past.last >= 799
    young = request(
        window=Window(800, 802),
        span=Window(780, 900),
        judged=judged(reference=SimpleNamespace(window=Window(790, 799))),
    )
    assert young.days.first == 780


@pytest.mark.parametrize(
    ("metric", "clock", "has"),
    [(REFUNDS, "order", True), (REFUNDS, "event", False), (CLICKS, "order", False), (CLICKS, "event", False)],
)
def test_what_follows_an_order_has_a_clock_of_its_own(metric: Metric, clock: str, has: bool) -> None:
    asked = request(metric, clock=clock, measures=("clicks", "paid_orders", "refunded_orders"), judged=judged())
    assert asked.has_clock is has
    assert asked._own == (metric.measures() & {"refunded_orders"} if metric is REFUNDS else frozenset())
    aged = request(metric, judged=judged(age=7))
    assert aged._own == metric.measures()


def test_orders_are_complete_when_nothing_is_still_to_come() -> None:
    wait = max(metric.mature_after_days for metric in CATALOGUE.computable(("paid_orders", "refunded_orders")))
    assert wait > 0
    for later, complete in ((wait, True), (wait - 1, False)):
        moment = (NOW.last + later + 1) * DAY - 1
        asked = request(measures=("paid_orders", "refunded_orders"), newest_clock=moment)
        assert asked._is_complete is complete


@pytest.mark.parametrize(("key", "unit"), [("clicks", "count"), ("ctr", "ratio")])
def test_a_segment_is_shown_with_the_interval_of_its_own_noise(
    monkeypatch: pytest.MonkeyPatch, key: str, unit: str
) -> None:
    metric = CATALOGUE.metric(key)
    figures = request().compare()
    share = SegmentShare(where=EVERYTHING, actual=0.9, expected=0.95, change=-0.1, share=0.5, confidence=0.9)
    move = SimpleNamespace(relative_error=0.2, p_value=0.03)
    monkeypatch.setattr(change_explanation, "moved", lambda *_: {key: move})
    asked = request(metric, where=ID)
    tested = _tested(asked, figures, share)
    half = 1.959964 * 0.2 * 0.95
    low, high = 0.95 - half, 0.95 + half
    assert tested.interval == pytest.approx((max(low, 0.0), min(high, 1.0)) if unit == "ratio" else (low, high))
    assert (tested.where, tested.p_value) == (ID, 0.03)
    assert tested.n == (pytest.approx(figures.value(CLICKS)[0]) if key == "clicks" else None)
    monkeypatch.setattr(change_explanation, "moved", lambda *_: {})
    assert _tested(asked, figures, share).interval is None


def test_mix_over_a_dimension_goes_by_the_first_factor_of_a_product() -> None:
    compared = request().compare()
    alone = _mix(CLICKS, compared, "market", (Driver("clicks", 1.0, 1.0, 1.0, 2.0),))
    assert alone.mix == 0.0
    now, before = compared.by("gmv", "market")
    clicks = compared.by("clicks", "market")
    product = _mix(GMV, compared, "market", (Driver("clicks", 0.0, 0.0, 0.0, 0.0), Driver("ctr", 0.0, 0.0, 0.0, 0.0)))
    shift = clicks[0] / clicks[0].sum() - clicks[1] / clicks[1].sum()
    yields = (now / clicks[0] + before / clicks[1]) / 2
    assert product.mix == pytest.approx(((clicks[0].sum() + clicks[1].sum()) / 2 * shift * yields).sum())
    assert product.mix + product.rate == pytest.approx(now.sum() - before.sum())
    assert moved([CLICKS], daily(compared), None)["clicks"].actual == pytest.approx(compared.value(CLICKS)[0])
