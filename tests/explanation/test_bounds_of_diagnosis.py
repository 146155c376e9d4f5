"""What a diagnosis is asked with: segments, onsets, events near them, what else changed, and what is known of the data."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load
from core.explanation import change_context, change_explanation
from core.explanation.change_context import diagnosed, matching_events
from core.explanation.change_explanation import explained
from core.explanation.decompose.metric_moves import moved
from core.explanation.diagnose.diagnosis import Diagnosis
from core.explanation.diagnose.event_matching import match_events
from core.explanation.explanation_results import CauseMatch, Explanation
from core.explanation.locate.onset import OnsetEstimate
from core.localization.with_history.actual_vs_expected import LeafSums
from core.workspace.read.event_log import Event
from tests.explanation.decompose.test_algebra_of_lines import daily
from tests.explanation.test_bounds_of_requests import judged

CATALOGUE = load()
GMV, CTR = CATALOGUE.metric("gmv"), CATALOGUE.metric("ctr")
ID, TH, LIVE = (Segment.parse(text) for text in ("market=ID", "market=TH", "channel=live"))


def start(day: int) -> OnsetEstimate:
    return OnsetEstimate(day=day, first=day - 1, last=day + 1, shape="step")


def cause(key: str, score: float) -> CauseMatch:
    return CauseMatch(cause=key, score=score, evidence=(), action="", owner="", verify="")


LEAVES = LeafSums(
    {"market": ("", "ID", "TH", "VN")}, ("market",), np.array([[1], [2], [3]], np.int32),
    {name: (np.full(3, 5.0), np.full(3, 10.0)) for name in ("gmv", "orders")},
)  # fmt: skip


def setting(
    monkeypatch: pytest.MonkeyPatch, segments: tuple[Segment, ...], elsewhere: list[Segment]
) -> tuple[Any, Any, list[Any]]:
    """A request, a change in some segments, and the list of what was diagnosed, with the rows that were left out."""
    asked: list[Any] = []

    def diagnose(workspace: Any, signatures: Any, compared: Any, subject: Any) -> Diagnosis:
        asked.append((subject, compared))
        return Diagnosis((cause(str(subject.segment), 0.9 - len(asked) / 10),), notes=("unsure",))

    late = SimpleNamespace(without=lambda others, segment: (tuple(others), segment))
    monkeypatch.setattr(change_context, "diagnose", diagnose)
    monkeypatch.setattr(change_context, "_changed_elsewhere", lambda *_: elsewhere)
    monkeypatch.setattr(change_context, "matching_events", lambda _, __, where: tuple(where))
    monkeypatch.setattr(change_context, "_began", lambda _, __, segment: start(20))
    monkeypatch.setattr(change_context, "newest_covered", lambda *_: (99, ()))
    monkeypatch.setattr(change_context.cause_signatures, "load", lambda *_: {})
    workspace = SimpleNamespace(catalogue=CATALOGUE, path=None, measures=("gmv", "orders"), span=Window(1, 99))
    monkeypatch.setattr(change_context.settings, "find", lambda _: None)
    request = SimpleNamespace(workspace=workspace, metric=GMV, compare_late=lambda before: late)
    places = tuple(SimpleNamespace(confidence=0.9 - at / 10) for at in range(len(segments)))
    located = SimpleNamespace(before=5, is_shift=True, places=places)
    change = SimpleNamespace(located=located, segments=segments, onset=start(10), leaves=LEAVES, sure=0.97)
    return request, change, asked


def test_each_segment_is_diagnosed_by_itself_without_the_rows_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    request, change, asked = setting(monkeypatch, (ID, TH, ID), [Segment.parse("market=VN")])
    found = diagnosed(request, change, (), (), ())
    assert [(subject.segment, compared[0]) for subject, compared in asked] == [
        (ID, (TH, Segment.parse("market=VN"))),
        (TH, (ID, ID, Segment.parse("market=VN"))),
    ], "the third is the first again"
    first, second = (subject for subject, _ in asked)
    assert (first.began, first.sure, first.events) == (start(10), 0.97, (ID,))
    assert (second.began, second.sure, second.events) == (start(20), 0.8, (TH,))
    assert first.by_volume
    assert first.newest == 99
    assert [match.cause for match in found.causes] == ["market=ID", "market=TH"]
    assert found.notes == ("in market=ID: unsure",)


def test_of_one_segment_the_notes_name_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    request, change, asked = setting(monkeypatch, (ID,), [])
    assert diagnosed(request, change, (), (), ()).notes == ("unsure",)
    assert asked[0][1] == ((), ID)
    request.workspace.measures = ("gmv",)
    skipped = diagnosed(request, change, (), (), ())
    assert skipped.skipped.endswith("cannot be tested without impressions, clicks or orders")
    assert len(asked) == 1


@pytest.mark.parametrize("has_clock", [True, False])
def test_events_are_looked_for_four_weeks_before_the_earlier_start(
    has_clock: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def near(first: int, last: int) -> list[Any]:
        asked.append((first, last))
        return [SimpleNamespace(where=where) for where in (ID, TH, EVERYTHING)]

    def match(events: list[Any], starts: list[OnsetEstimate], segments: Any, leaves: Any, measure: str) -> Any:
        return tuple(event.where for event in events), [began.day for began in starts], segments, measure

    monkeypatch.setattr(change_context, "match_events", match)
    monkeypatch.setattr(change_context, "onset_inside", lambda _, segment, by: start(60) if segment == ID else start(0))
    request = SimpleNamespace(
        workspace=SimpleNamespace(events=near), where=ID, metric=GMV, window=Window(65, 80), has_clock=has_clock,
        compare_late=lambda _: None,
    )  # fmt: skip
    change = SimpleNamespace(
        segments=(ID, TH), onset=start(70), located=SimpleNamespace(before=1, by=GMV), leaves=LEAVES
    )
    found = matching_events(cast(Any, request), cast(Any, change), [ID])
    assert found == ((ID, EVERYTHING), [70, 60] if has_clock else [70], [ID], "gmv"), (
        "what happened elsewhere is left out"
    )
    assert asked == [((59 if has_clock else 69) - 28, 80)]


def test_scores_of_events_have_four_digits() -> None:
    logged = Event(event_id="E", starts_at="1970-01-10", ends_at=None, kind="outage", title="T", owner="", where=ID)
    ((_, match),) = match_events(
        [logged], [OnsetEstimate(day=10, first=10, last=10, shape="step")], [ID], LEAVES, "orders"
    )
    assert match.score == 0.7788, "exp(-1 / 4) of one day before"


@pytest.mark.parametrize(("score", "fits"), [(0.5, True), (0.49, False)])
def test_an_event_fits_from_a_half_on(score: float, fits: bool) -> None:
    answer = cast(Any, SimpleNamespace(events=[SimpleNamespace(score=score)], likeliest=None))
    assert (cast(Any, Explanation.fitting_event).fget(answer) is not None) is fits


def test_a_rate_of_nothing_has_not_moved() -> None:
    views = np.where(np.arange(63) >= 56, 0.0, 1000.0)
    assert moved([CTR], daily(56, clicks=views / 10, impressions=views), None) == {}
    assert moved([CTR], daily(56, clicks=1000.0 - views, impressions=np.full(63, 1000.0)), None) == {}


@pytest.mark.parametrize("known", [True, False])
def test_the_data_are_checked_once(known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Any] = []
    request = SimpleNamespace(judged=judged(), window=Window(8, 14), metric=GMV, where=EVERYTHING)
    monkeypatch.setattr(change_explanation, "ExplainRequest", lambda **_: request)
    monkeypatch.setattr(change_explanation, "on_complete_days", lambda asked: (asked, []))
    monkeypatch.setattr(change_explanation.data_quality, "issues", lambda *given: looked.append(given) or ["found"])
    monkeypatch.setattr(change_explanation, "_affecting", lambda _, issues: issues)
    monkeypatch.setattr(change_explanation, "locate", lambda _: "located")
    monkeypatch.setattr(change_explanation, "_with_estimate", lambda _, located: located)
    monkeypatch.setattr(change_explanation, "_may_decline", lambda *_: False)
    monkeypatch.setattr(change_explanation, "_located", lambda _, confidence: confidence)
    monkeypatch.setattr(change_explanation, "_answer", lambda *given: given)
    workspace = SimpleNamespace(
        read_together=lambda: None, window=lambda *_: None, metric=CATALOGUE.metric, span=Window(1, 14)
    )

    def answer(located: float | None) -> Any:
        return explained(
            cast(Any, workspace), metric="gmv", window=Window(8, 14), baseline="expected", where=EVERYTHING, clock="order",
            located=located, issues=cast(Any, ["given"]) if known else None,
        )  # fmt: skip

    assert answer(None)[0] is request
    assert answer(None)[1:3] == ("located", ["given"] if known else ["found"])
    assert answer(0.8)[1] == 0.8
    assert len(looked) == (0 if known else 3)


@pytest.mark.parametrize(("asked", "since", "window"), [
    (None, 5, Window(5, 13)), (None, None, Window(7, 13)), (Window(7, 13), 5, Window(7, 13)),
])  # fmt: skip
def test_without_a_window_the_drop_that_is_on_is_explained_from_its_first_day(
    asked: Window | None, since: int | None, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []
    monkeypatch.setattr(change_explanation, "last_complete_days", lambda *_: Window(7, 13))
    monkeypatch.setattr(change_explanation, "newest_to_judge", lambda _: (13, ("exports end",)))
    monkeypatch.setattr(change_explanation, "on_complete_days", lambda request: (request, []))
    monkeypatch.setattr(change_explanation, "_affecting", lambda request, _: given.append(request.window))
    monkeypatch.setattr(change_explanation, "locate", lambda request: request)
    monkeypatch.setattr(change_explanation, "_with_estimate", lambda _, located: located)
    monkeypatch.setattr(change_explanation, "_may_decline", lambda *_: False)
    monkeypatch.setattr(change_explanation, "_answer", lambda request, _, __, notes: (request.window, list(notes)))
    monkeypatch.setattr(change_explanation.ExplainRequest, "judged", property(lambda _: judged(drop_since=since)))
    workspace = SimpleNamespace(
        read_together=lambda: None, window=lambda first, last: given.append((first, last)), metric=CATALOGUE.metric
    )
    found = explained(
        cast(Any, workspace), metric="gmv", window=asked, baseline="expected", where=EVERYTHING, clock="order", located=None,
        issues=(),
    )  # fmt: skip
    assert found == (window, ["exports end"] if asked is None else [])
    assert given == [(7, 13), window]
