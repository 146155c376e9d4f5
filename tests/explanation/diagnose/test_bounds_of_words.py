"""What is said for and against causes: lines in order, facts in words, events, what is new, the days behind figures."""

from dataclasses import replace
from math import log
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load
from core.detection.findings import Check
from core.explanation import change_context
from core.explanation.change_context import _is_new, _moved_alike
from core.explanation.decompose.metric_moves import Daily
from core.explanation.diagnose.cause_matching import _cause_match, _ruled_out
from core.explanation.diagnose.cause_tests import FACTS, _check, _names, _shift, _slow, _spans_channels, cause_tests
from core.explanation.diagnose.cause_weights import _of_onset, _of_slice
from core.explanation.diagnose.change_evidence import Weight
from core.explanation.diagnose.creator_tests import only_creators, vanished
from core.explanation.diagnose.diagnosis import _with_past
from core.explanation.diagnose.event_weights import events_weight
from core.explanation.explanation_results import EventMatch
from core.explanation.locate.onset import _appearance
from core.explanation.locate.segment_part import mix_and_rate
from core.explanation.trace_sql import _reference
from core.localization.with_history.actual_vs_expected import LeafSums
from tests.explanation.diagnose.test_cause_tests import context, move

CATALOGUE = load()
VIEWS, CTR = CATALOGUE.metric("impressions"), CATALOGUE.metric("ctr")


def signature(**more: Any) -> Any:
    plain: dict[str, Any] = {"key": "C01", "name": "Payment outage", "action": "a", "owner": "Payments", "verify": "v"}
    plain |= {"slices": ("channel", "market"), "onset": ("step",), "events": ("deploy",), "words": ("checkout",)}
    return SimpleNamespace(**{**plain, **more})


def test_lines_for_a_cause_come_strongest_first_and_then_those_against() -> None:
    weights = [
        Weight(0.5, "b"),
        Weight(-2.0, "d"),
        Weight(3.0, "a"),
        Weight(-0.7, "c"),
        Weight(9.0, ""),
        Weight(0.0, "nothing"),
    ]
    found = _cause_match(signature(), 0.123456, weights, EVERYTHING)
    assert found.evidence == ("for: a", "for: b", "against: d", "against: c")
    assert (found.cause, found.score, found.owner) == ("C01 Payment outage", 0.1235, "Payments")
    assert _ruled_out(signature(), weights).reason == "d"


@pytest.mark.parametrize(("segment", "amount", "words"), [
    ("", -1, "everything"), ("channel=live", 1, "channel=live"), ("market=ID", -1, "market=ID"),
    ("channel=live,market=ID", 1, "channel=live,market=ID"),
])  # fmt: skip
def test_where_a_cause_usually_is(segment: str, amount: int, words: str) -> None:
    evidence = cast(Any, SimpleNamespace(segment=Segment.parse(segment), dimensions=("market", "channel")))
    found = _of_slice(signature(), evidence)
    assert np.sign(found.amount) == amount
    assert found.text.split(";")[0] == f"the change is in {words}"
    seller = _of_slice(
        signature(), cast(Any, SimpleNamespace(segment=Segment.parse("seller_id=S1"), dimensions=("channel",)))
    )
    half = _of_slice(
        signature(), cast(Any, SimpleNamespace(segment=Segment.parse("market=ID,seller_id=S1"), dimensions=()))
    )
    assert seller.amount < half.amount < 0
    assert seller.text.endswith("expected for this cause: a change by channel or market")
    own = cast(Any, SimpleNamespace(segment=Segment.parse("payment_method=card"), dimensions=()))
    assert _of_slice(signature(), own).amount > _of_slice(signature(name="Other", owner="Ads"), own).amount == 0
    assert (_of_onset(signature(), "step").amount, _of_onset(signature(), "ramp").amount) == (0.1, -0.6)
    assert _of_onset(signature(onset=()), "ramp").amount == 0.1


def test_events_speak_for_a_cause_by_kind_and_words() -> None:
    def event(title: str, score: float = 1.0) -> EventMatch:
        return EventMatch("E1", title, score, "the same day")

    plain = signature()
    kinds = [
        events_weight(plain, [(kind, event(title))]).amount
        for kind, title in (
            ("deploy", "checkout page"),
            ("deploy", "blue"),
            ("ranking", "checkout page"),
            ("ranking", "blue"),
        )
    ]
    assert kinds[0] > kinds[1] > 0
    assert kinds[0] > kinds[2] > 0 > kinds[3]
    assert events_weight(plain, [("deploy", event("blue", 0.5))]).amount == pytest.approx(kinds[1] / 2)
    assert (
        events_weight(plain, [("deploy", event("blue")), ("ranking", event("x"))]).text == "event E1 blue: the same day"
    )
    assert events_weight(plain, []).amount == pytest.approx(-0.3)
    assert kinds[3] == pytest.approx(-0.6)
    assert events_weight(plain, []).text == "the change log has no deploy event that fits"


def test_facts_say_what_they_rest_on() -> None:
    for status, degree in (("pass", 0.0), ("warn", 0.8), ("fail", 1.0)):
        case = context(
            checks=(
                Check("rows", "pass", "fine"),
                Check("rows", cast(Any, status), "17 missing"),
                Check("x", "fail", "y"),
            )
        )
        found = _check("rows")(case)
        assert found.degree == degree
        assert found.text == f"check of the data, rows: {'17 missing' if degree else 'passed'}"
    named = _names("channel")(context())
    spans = _spans_channels(context())
    assert named is not None
    assert spans is not None
    assert (named.degree, spans.degree) == (1.0, 0.0)
    assert named.text == spans.text == "the change is confined to specific values of channel"
    assert _names("agency")(context()) is None
    live = _names("channel", "live", "stream", "video")(context())
    assert live is not None
    assert (live.degree, live.text) == (1.0, "the change is confined to live or stream")
    other = _names("channel", "search")(context())
    assert other is not None
    assert (other.degree, other.text) == (0.0, "the change is not confined to search")
    ramp = context()
    grown = replace(ramp, began=replace(ramp.began, shape="ramp", grown=9))
    assert (_slow(grown).degree, _slow(grown).text) == (0.5, "it grew over 9 days")
    assert (_slow(ramp).degree, _slow(ramp).text) == (0.0, "it began as a step")


def test_what_is_undecided_without_both_creators_and_others() -> None:
    name = VIEWS.name.lower()
    live = only_creators(context())
    assert live is not None
    assert (live.degree, live.text) == (0.5, f"100% of its {name} come from creators")
    feed = only_creators(context(Segment.parse("channel=feed")))
    assert feed is not None
    assert (feed.degree, feed.text) == (0.5, f"0% of its {name} come from creators")
    both = only_creators(
        context(Segment.parse("market=ID"), lambda market, _, creator: 0.5 if creator and market == "ID" else 1.0)
    )
    assert both is not None
    assert both.degree > 0.9
    assert f"{name} without a creator +0.0%" in both.text
    assert only_creators(context(volume=None)) is None


@pytest.mark.parametrize(("left", "degree"), [(0.3, 0.0), (0.175, 0.5), (0.05, 1.0), (0.0, 1.0)])
def test_what_vanished_is_what_is_left_of_the_usual(left: float, degree: float) -> None:
    gone = replace(move("impressions", log(max(left, 1e-9))), actual=left, expected=1.0)
    found = vanished(context(moved={"impressions": gone}))
    assert found is not None
    assert found.degree == pytest.approx(degree)
    assert found.text == f"{left:.0%} of the usual impressions is left"
    assert vanished(context(moved={"impressions": replace(gone, expected=0.0)})) is None
    assert vanished(context(moved={})) is None


def test_a_shift_is_its_share_of_the_whole_change() -> None:
    mix = cast(Any, SimpleNamespace(mix=-3.0, rate=-1.0, dimension="channel"))
    found = _shift(context(mix=mix))
    assert found is not None
    assert (found.degree, found.text) == (0.75, "75% of the change is a mix effect by channel")
    assert _shift(context(mix=cast(Any, SimpleNamespace(mix=1.0, rate=-1.0, dimension="channel")))) is None
    assert _shift(context()) is None


def test_what_is_new_has_something_now_and_had_nothing_before() -> None:
    days = np.arange(20)

    def line(before: float, now: float) -> Daily:
        return Daily({"impressions": np.where(days < 13, before, now)}, days, days < 13, days >= 13)

    assert [_is_new(VIEWS, line(*pair)) for pair in ((0, 5), (0, 0), (5, 5), (5, 0))] == [True, False, False, False]


@pytest.mark.parametrize(("own", "other", "clear", "shift", "alike"), [
    (-0.4, -0.4, True, False, True), (-0.4, -0.21, True, False, True), (-0.4, -0.19, True, False, False),
    (-0.4, -0.79, True, False, True), (-0.4, -0.81, True, False, False), (-0.4, 0.4, True, False, False),
    (-0.4, -0.4, False, False, False), (-0.4, -0.4, True, True, False),
])  # fmt: skip
def test_the_same_happened_outside_of_a_filter(
    own: float, other: float, clear: bool, shift: bool, alike: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert change_context._ALIKE == 0.5
    moves = iter([SimpleNamespace(beyond=own), SimpleNamespace(beyond=other, clear=clear)])
    monkeypatch.setattr(change_context, "daily", lambda _: SimpleNamespace(minus=lambda __: None))
    monkeypatch.setattr(change_context, "_is_new", lambda *_: False)
    monkeypatch.setattr(change_context, "moved", lambda *_: {"impressions": next(moves)})
    located = cast(Any, SimpleNamespace(by=VIEWS, is_shift=shift))
    everything = cast(Any, SimpleNamespace(where=lambda _: None))
    assert _moved_alike(Segment.parse("market=ID"), Segment(), everything, located) is alike


def test_values_without_a_past_are_left_out_of_a_segment() -> None:
    """Of versions and markets impressions are known, of products only clicks, of ages nothing."""
    table = {"market": np.array([0.0, 9, 0, 0]), "version": np.array([0.0, 5, 0]), "product": np.array([7.0, 0, 0])}
    values = {
        "market": ("", "ID", "TH", "VN"),
        "version": ("", "v1", "v2"),
        "product": ("", "p1", "p2"),
        "age": ("", "old"),
    }
    clicks = {"product": (np.array([0.0, 0, 3]), np.array([0.0, 4, 0]))}
    nothing = np.zeros(3)
    compared = cast(Any, SimpleNamespace(
        measures=("clicks", "impressions"), dimensions=tuple(values), values=values,
        by=lambda volume, name: (
            (nothing, table.get(name, nothing)) if volume == "impressions" else clicks.get(name, (nothing, nothing))
        ),
    ))  # fmt: skip
    for text, expected in (("market=ID,version=v2", "market=ID"), ("market=ID|TH", "market=ID|TH"), ("market=TH|VN", ""),
                           ("version=v9", "version=v9"), ("agency=A,market=TH", "agency=A"),
                           ("product=p1", "product=p1"), ("market=ID,product=p2", "market=ID"),
                           ("age=old", "age=old")):  # fmt: skip
        assert _with_past(compared, Segment.parse(text)) == Segment.parse(expected)
    none = cast(Any, SimpleNamespace(measures=(), dimensions=(), values={}))
    assert _with_past(none, Segment.parse("market=TH")) == Segment.parse("market=TH")


@pytest.mark.parametrize(("empty", "days", "appears"), [(4, 2, False), (5, 2, True), (1, 1, True), (0, 1, False)])
def test_an_appearance_is_surer_than_nineteen_in_twenty(empty: int, days: int, appears: bool) -> None:
    values = np.r_[np.zeros(empty), np.where(np.arange(20) % days == 0, 3.0, 0.0)]
    assert _appearance(values) == (empty if appears else 0)


def test_mix_and_rate_of_a_segment_by_its_own_sums() -> None:
    clicked, seen = (
        (np.array([10.0, 30, 0]), np.array([20.0, 20, 5])),
        (np.array([100.0, 200, 0]), np.array([150.0, 150, 50])),
    )
    sums = {"clicks": clicked, "impressions": seen}
    leaves = LeafSums({"market": ("", "A", "B", "C")}, ("market",), np.array([[1], [2], [3]], np.int32), sums)
    for rows in ([0], [1], [2], [0, 1], [0, 2], [0, 1, 2], []):
        inside = np.isin(np.arange(3), rows)
        clicks, views = ([float(side[inside].sum()) for side in sums[name]] for name in ("clicks", "impressions"))
        total = [float(side.sum()) for side in sums["impressions"]]
        rates = [CTR.scale * c / v for c, v in zip(clicks, views, strict=True) if v]
        rate = sum(rates) / len(rates) if rates else 0.0
        mean = CTR.scale * (40 / 300 + 45 / 350) / 2
        shift = views[0] / total[0] - views[1] / total[1]
        whole = CTR.scale * (clicks[0] / total[0] - clicks[1] / total[1])
        assert mix_and_rate(CTR, leaves, inside) == pytest.approx((shift * (rate - mean), whole - shift * rate))


@pytest.mark.parametrize(
    ("weights", "scales", "plain"), [([1.0, 1.0], {}, True), ([1.0, 0.5], {}, False), ([1.0, 1.0], {"gmv": 2.0}, False)]
)
def test_reference_days_are_a_window_where_each_counts_once(
    weights: list[float], scales: dict[str, float], plain: bool
) -> None:
    reference = SimpleNamespace(
        weights=np.array(weights), scales=scales, days=np.array([4, 5]), of=lambda name: np.array([7.0, 8.0])
    )
    judged = SimpleNamespace(reference=reference, baseline=SimpleNamespace(window=Window(4, 5)))
    days = _reference(cast(Any, SimpleNamespace(judged=judged)))("gmv")
    assert days == (Window(4, 5) if plain else {4: 7.0, 5: 8.0})


def test_each_fact_comes_with_what_it_claims() -> None:
    found = cause_tests(context(), list(FACTS))
    assert len(found) > 5
    assert {name: fact.claim for name, fact in found.items()} == {name: FACTS[name][0] for name in found}
