"""Exact words and small bounds: events by day, causes without events, lines without anything, factors of zero."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from core.base.baseline import Baseline
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.cause_signatures import NO_EVENT
from core.catalogue.metric_tree.metric_loader import load
from core.detection.findings import Onset
from core.explanation.decompose.drivers import contributions
from core.explanation.decompose.metric_moves import _lasting
from core.explanation.diagnose.cause_matching import _cause_match
from core.explanation.diagnose.event_matching import _in_time
from core.explanation.diagnose.event_weights import events_weight
from core.explanation.explanation_results import EventMatch, Explanation
from core.explanation.locate.onset import OnsetEstimate, _scores, estimate_onset
from core.workspace.read.event_log import Event
from tests.explanation.decompose.test_algebra_of_lines import daily
from tests.explanation.diagnose.test_bounds_of_words import signature
from tests.explanation.diagnose.test_cause_tests import context, degree, move, text, with_moves

CATALOGUE = load()
GMV = CATALOGUE.metric("gmv")


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (8, "starts on 9 Jan 1970, 2 days before the onset"), (9, "starts on 10 Jan 1970, 1 day before the onset"),
        (10, "starts on 11 Jan 1970, the day of the onset"), (11, "starts on 12 Jan 1970, 1 day after the onset"),
        (12, "starts on 13 Jan 1970, 2 days after the onset"),
    ],
)  # fmt: skip
def test_when_an_event_starts_is_told_by_the_onset(day: int, words: str) -> None:
    logged = SimpleNamespace(window=Window(day, day), kind="outage", title="T", ends_at=None)
    fit, told = _in_time(cast(Event, logged), OnsetEstimate(day=10, first=9, last=10, shape="step"))
    assert told == words
    expected = {8: -1 / 4, 9: -1 / 8, 10: 0.0, 11: -1 / 0.7, 12: -2 / 0.7}[day]
    assert fit == pytest.approx(np.exp(expected)), "inside the days of the onset half as steep"


def test_a_cause_that_shows_without_an_event_needs_none() -> None:
    silent = signature(events=(NO_EVENT,), words=())
    other = cast(EventMatch, SimpleNamespace(event_id="E", title="blue", score=0.8, reason=""))
    found = events_weight(silent, [("ranking", other)])
    assert (found.amount, found.text) == (pytest.approx(-0.4), "an event of another kind fits")
    nothing = events_weight(silent, [])
    assert (nothing.amount, nothing.text) == (0.0, "no event in the change log fits")


def test_evidence_of_no_weight_is_on_no_side() -> None:
    found = _cause_match(signature(), 0.5, [], EVERYTHING)
    assert found.evidence == ()
    assert found.where == EVERYTHING


def test_the_first_two_steps_are_told_where_none_cancel_out() -> None:
    apart = with_moves(ctr=-0.7, payment_rate=0.0, cart_rate=0.1)
    assert degree("opposite_steps", apart) == 0.0
    assert text("opposite_steps", apart) == "CTR -50.3%, cart rate +10.5%: together -45.1%"


@pytest.mark.parametrize(("first", "last"), [(0.01, 0.4), (0.4, 0.01)])
def test_steps_cancel_out_only_where_both_ends_are_clear(first: float, last: float) -> None:
    moves = {"ctr": move("ctr", -0.7, first), "payment_rate": move("payment_rate", 0.7, last)}
    assert degree("opposite_steps", context(moved=moves)) == 0.0
    assert degree("opposite_steps", with_moves(ctr=-0.7, payment_rate=0.7)) == pytest.approx(1.0)


@pytest.mark.parametrize(("orders", "degree_of_shift"), [(0.25, 0.75), (-1.5, 0.0), (2.0, 0.0), (0.0, 1.0)])
def test_traffic_that_buys_more_or_less_than_it_came_is_no_shift(orders: float, degree_of_shift: float) -> None:
    assert degree("mostly_mix", with_moves(impressions=1.0, orders=orders)) == pytest.approx(degree_of_shift)


@pytest.mark.parametrize(
    ("actual", "is_drop", "usual", "within"),
    [(5.0, False, True, True), (5.0, True, True, False), (20.0, False, False, False)],
)
def test_within_range_is_neither_a_drop_nor_outside_the_interval(
    actual: float, is_drop: bool, usual: bool, within: bool
) -> None:
    answer = Explanation(
        metric="gmv", unit="money", where=EVERYTHING, window=Window(1, 7), baseline=Baseline("expected", Window(-20, 0)),
        actual=actual, expected=6.0, change=0.0, change_pct=None, interval=(0.0, 10.0), is_drop=is_drop,
        onset=Onset(1, "step"), data_quality=(), drivers=(), mix=(), segments=(), events=(), causes=(), ruled_out=(),
    )  # fmt: skip
    assert (answer.is_usual_as_a_whole, answer.is_within_range) == (usual, within)


def test_lines_without_anything_have_no_onset_of_their_own() -> None:
    nothing, level = np.zeros(63), np.full(63, 5.0)
    line = daily(56, gmv=nothing)
    assert _scores(nothing, level, 1, line).tolist() == [0.0] * 63
    assert _scores(level, nothing, 1, line).tolist() == [0.0] * 63
    found = estimate_onset(GMV, line, None)
    assert found.first <= found.day <= found.last


@pytest.mark.parametrize("unit", [1.0, 1e-4, 1e6])
def test_days_follow_one_another_alike_in_any_unit(unit: float) -> None:
    rng = np.random.default_rng(4)
    noise = np.cumsum(rng.standard_normal(63)) / 10
    actual, level = (1000 + 50 * noise) * unit, np.full(63, 1000.0 * unit)
    line = daily(56, gmv=actual)
    left = actual[:56] - actual[:56].mean()
    r = float((left[1:] * left[:-1]).sum() / (left**2).sum())
    r = min(r + (1 + 3 * r) / 56, 0.9)
    expected = 1 + 2 * sum((1 - lag / 7) * r**lag for lag in range(1, 7))
    assert _lasting(actual, level, line, line.now) == pytest.approx(max(expected, 1.5))


@pytest.mark.parametrize(
    ("values", "after", "before"),
    [([(2.0, 1.0), (float("nan"), 3.0)], 0.0, 3.0), ([(2.0, 1.0), (4.0, float("nan"))], 8.0, 0.0)],
)
def test_a_product_that_is_zero_has_contributions_too(
    values: list[tuple[float, float]], after: float, before: float
) -> None:
    parts = contributions(values, after, before)
    known = (2.0 - 1.0) * (3.0 if before else 4.0)
    assert parts == pytest.approx([known, after - before - known])


def test_events_of_a_segment_are_said_for_that_segment() -> None:
    where = Segment.parse("market=ID")
    assert _cause_match(signature(), 0.98765, [], where).where == where
    assert _cause_match(signature(), 0.98765, [], where).score == 0.9877
