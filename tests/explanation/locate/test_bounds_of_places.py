"""Where a change is looked for and which place is believed: the limits of each decision."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.baseline import Baseline
from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load
from core.catalogue.metric_tree.metrics import Metric
from core.explanation.change_context import ChangeInContext
from core.explanation.change_explanation import _part_dropped, _stands_out
from core.explanation.explain_request import ExplainRequest
from core.explanation.locate import change_location, part_verdict
from core.explanation.locate.change_location import Located, _holds, _longer, _named_as_events, locate
from core.explanation.locate.onset import OnsetEstimate
from core.explanation.locate.part_verdict import chance_of_part, is_drop_by_itself
from core.explanation.locate.segment_part import SegmentMove
from core.localization.with_history.actual_vs_expected import LeafSums
from tests.explanation.test_bounds_of_requests import judged, request

CATALOGUE = load()
CLICKS, CTR = CATALOGUE.metric("clicks"), CATALOGUE.metric("ctr")
ID = Segment.parse("market=ID")


def leaves(actual: list[float], expected: list[float]) -> LeafSums:
    codes = np.arange(1, len(actual) + 1, dtype=np.int32)[:, None]
    return LeafSums(
        {"market": ("", "ID", "TH", "VN")}, ("market",), codes, {"clicks": (np.array(actual), np.array(expected))}
    )


def located(
    *places: tuple[str, float],
    moved_whole: bool = True,
    is_shift: bool = False,
    first: int = 128,
    last: int = 128,
    by: Metric = CLICKS,
    actual: list[float] | None = None,
) -> Located:
    moves = tuple(SegmentMove(Segment.parse(where), confidence) for where, confidence in places)
    return Located(
        compared=cast(Any, SimpleNamespace(baseline=Baseline("expected", Window(100, 127)))),
        leaves=leaves(actual or [50, 100, 100], [100, 100, 100]),
        places=moves,
        by=by,
        onset=OnsetEstimate(day=first, first=first, last=last, shape="step"),
        moved=moved_whole,
        is_shift=is_shift,
    )


@pytest.mark.parametrize(
    ("actual", "apart"),
    [
        ([50, 100, 100], True),
        ([50, 76, 76], True),
        ([50, 74, 74], False),
        ([50, 120, 120], True),
        ([100, 100, 100], True),
        ([150, 130, 130], False),
    ],
)
def test_a_part_of_a_filter_stands_out_where_the_rest_changed_half_as_much_at_most(
    actual: list[float], apart: bool
) -> None:
    assert _stands_out(CLICKS, located(("market=ID", 0.9), actual=actual)) is apart


def test_how_sure_a_change_and_its_place_are() -> None:
    assert located(("market=ID", 0.7), ("market=TH", 0.9)).sure == 0.7
    assert (located(("", 0.5)).sure, located(("", 0.5), moved_whole=False).sure) == (0.9, 0.0)
    assert located(("", 0.5)).before == 128
    context = ChangeInContext(located(("", 0.5)), (ID,), cast(Any, None), cast(Any, None))
    assert context.sure == 0.98, "all of a filter shows it"
    assert replace(context, segments=(EVERYTHING,)).sure == 0.9
    assert replace(context, located=located(("", 0.5), moved_whole=False)).sure == 0.0
    assert replace(context, located=located(("market=TH", 0.6))).sure == 0.6


@pytest.mark.parametrize(
    ("within", "place", "is_shift", "dropped"),
    [
        (True, "market=ID", False, True),
        (False, "market=ID", False, False),
        (True, "", False, False),
        (True, "market=ID", True, False),
    ],
)
def test_a_part_dropped_where_the_whole_is_as_usual(within: bool, place: str, is_shift: bool, dropped: bool) -> None:
    asked = request(judged=judged(is_within_range=within))
    assert _part_dropped(asked, located((place, 0.9), is_shift=is_shift)) is dropped


@pytest.mark.parametrize(
    ("within", "chance", "place", "price"),
    [
        (False, 1.0, "market=ID", 0.0),
        (True, 0.01, "market=ID", 0.0),
        (True, 0.011, "market=TH", 12.0),
        (True, 0.05, "market=TH", 12.0),
        (True, 0.051, "", 12.0),
    ],
)
def test_inside_the_expected_range_a_place_must_prove_itself(
    monkeypatch: pytest.MonkeyPatch, within: bool, chance: float, place: str, price: float
) -> None:
    """Cheaply found it must be one in a hundred by its own days, dearly one in twenty."""
    prices: list[float] = []

    def look(asked: ExplainRequest, compared: Any, cost: float) -> Located:
        prices.append(cost)
        return located(("market=TH" if cost else "market=ID", 0.9))

    monkeypatch.setattr(change_location, "_in_window_or_since", look)
    monkeypatch.setattr(change_location, "in_new_values", lambda *_: None)
    monkeypatch.setattr(change_location, "chance_of_part", lambda *_: chance)
    monkeypatch.setattr(change_location, "is_replaced", lambda *_: False)
    found = locate(request(judged=judged(is_within_range=within, score=2.0)))
    assert str(found.places[0].where) == place
    assert prices[-1] == price
    if not place:
        assert found.places[0].confidence == pytest.approx(1 / (1 + 0.05 * np.exp(2.0)))
        assert not found.moved
    monkeypatch.setattr(change_location, "is_replaced", lambda *_: True)
    replaced = locate(request(judged=judged(is_within_range=within, score=2.0)))
    assert replaced.everywhere is within, "what a new value took over is no drop, where the whole is as usual"


def test_a_shift_of_the_mix_needs_no_drop_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_location, "_in_window_or_since", lambda *_: located(("market=ID", 0.9), is_shift=True))
    monkeypatch.setattr(change_location, "chance_of_part", lambda *_: 1.0)
    monkeypatch.setattr(change_location, "in_new_values", lambda *_: None)
    found = locate(request(judged=judged(is_within_range=True)))
    assert (str(found.places[0].where), found.is_shift) == ("market=ID", True)
    monkeypatch.setattr(change_location, "_in_window_or_since", lambda *_: located(("", 0.5)))
    assert locate(request(judged=judged(is_within_range=True))).everywhere


@pytest.mark.parametrize(
    ("first", "again", "taken"),
    [
        ((("market=ID", 0.96), 128), ("market=TH", 0.99), "first"),  # it began with the window
        ((("market=ID", 0.96), 120), ("market=TH", 0.97), "again"),
        ((("market=ID", 0.96), 120), ("market=TH", 0.95), "first"),
        ((("market=ID|TH", 0.96), 120), ("market=TH", 0.99), "first"),  # its values and more
        ((("", 0.5), 120), ("market=TH", 0.99), "again"),  # nothing in the window: all days since four weeks ago
        ((("market=ID", 0.94), 120), ("market=TH", 0.95), "again"),
    ],
)
def test_a_change_is_looked_for_on_all_its_days_where_it_began_earlier(
    monkeypatch: pytest.MonkeyPatch, first: Any, again: Any, taken: str
) -> None:
    monkeypatch.setattr(change_location, "_since", lambda *_, **__: iter([located(again, first=120, last=120)]))
    place, day = first
    start = located(place, first=day, last=day)
    found = _longer(request(), start, 0.0)
    assert (found.places[0] == start.places[0]) is (taken == "first")


@pytest.mark.parametrize(("last", "looked"), [(141, True), (142, False)])
def test_an_onset_that_may_lie_anywhere_is_none_to_look_from(
    monkeypatch: pytest.MonkeyPatch, last: int, looked: bool
) -> None:
    asked_for: list[int] = []

    def since(asked: ExplainRequest, start: int, *_: Any, **__: Any) -> Any:
        asked_for.append(start)
        return iter([])

    monkeypatch.setattr(change_location, "_since", since)
    _longer(request(), located(("market=ID", 0.96), first=120, last=last), 0.0)
    assert asked_for == ([120] if looked else [])
    _longer(request(), located(("market=ID", 0.9), first=128), 0.0)
    assert asked_for[-1] == 128 - 28, "not sure enough: from four weeks before the window"


def test_a_segment_holds_another_of_the_same_dimensions() -> None:
    pairs = [
        ("market=ID|TH", "market=TH"),
        ("market=ID", "market=ID|TH"),
        ("market=ID,channel=live", "market=ID"),
        ("market=ID", "market=ID"),
    ]
    assert [_holds(Segment.parse(a), Segment.parse(b)) for a, b in pairs] == [True, False, False, True]


@pytest.mark.parametrize(
    ("scope", "named"),
    [("market=VN", "market=VN"), ("channel=live", "market=ID"), ("", "market=ID"), ("market=ID|TH", "market=ID")],
)
def test_a_segment_is_named_as_the_scope_of_an_event_with_the_same_rows(scope: str, named: str) -> None:
    """ID has all rows that VN has in this table of leaves: VN counts nothing by itself."""
    change = located(("market=ID", 0.9), first=126, last=129)
    same = replace(
        change,
        leaves=SimpleNamespace(
            dimensions=("market",), same=lambda a, b: {str(a), str(b)} <= {"market=ID", "market=VN"}
        ),
    )
    asked: list[tuple[int, int]] = []

    def events(first: int, last: int) -> list[Any]:
        asked.append((first, last))
        return [SimpleNamespace(where=Segment.parse(scope))]

    found = _named_as_events(request(events=events), cast(Located, same))
    assert str(found.places[0].where) == named
    assert asked == [(122, 130)]


@pytest.mark.parametrize(
    ("scopes", "place", "share"),
    [
        (["market=TH"], "market=TH", 0.2 * np.exp(3) / (0.8 + 0.2 * np.exp(3))),
        (["market=ID"], "market=ID", 0.8 * np.exp(3) / (0.2 + 0.8 * np.exp(3))),
        (["market=TH", "market=ID"], "market=ID", 0.8),
        (["market=VN"], "market=ID", 0.8),
    ],
)
def test_an_event_decides_between_a_segment_and_its_rival(scopes: list[str], place: str, share: float) -> None:
    tied = SegmentMove(ID, 0.8 * 0.95, Segment.parse("market=TH"), 0.8)
    change = replace(located(("market=ID", 0.9), first=126, last=129), places=(tied,))
    near = [SimpleNamespace(where=Segment.parse(scope)) for scope in scopes]
    found = _named_as_events(request(events=lambda *_: near), change).places[0]
    assert str(found.where) == place
    assert (found.confidence, found.of_either, found.share) == (
        pytest.approx(share * 0.95), pytest.approx(0.95), pytest.approx(share)
    )  # fmt: skip
    assert {str(found.where), str(found.rival)} == {"market=ID", "market=TH"}


def test_a_tie_is_no_doubt_about_the_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second look is for what may be nowhere, not for what has two names."""
    monkeypatch.setattr(change_location, "_since", lambda *_, **__: iter([located(("market=VN", 0.97))]))
    tied = SegmentMove(ID, 0.6 * 0.98, Segment.parse("market=TH"), 0.6)
    start = replace(located(("market=ID", 0.9), first=128, last=128), places=(tied,))
    assert _longer(request(), start, 0.0) is start


def part(actual: float, p_value: float, is_drop: bool = True) -> Any:
    return SimpleNamespace(actual=actual, expected=100.0, p_value=p_value, is_drop=is_drop)


@pytest.mark.parametrize(
    ("verdicts", "where", "chance"),
    [
        ((part(80, 1e-4), part(80, 1e-3)), "market=ID", 1e-3),
        ((part(80, 1e-4), part(80, 1e-6)), "market=ID", 1e-5),
        ((part(80, 1e-4), part(80, 1e-6, False)), "market=ID,channel=live", 1e-2),
        ((part(80, 1e-4, False), part(80, 1e-6, False)), "market=ID", 1.0),
        ((part(120, 1e-9), part(80, 1e-9)), "market=ID", 1.0),
        ((None, part(80, 1e-9)), "market=ID", 1.0),
        ((part(80, 1e-4), None), "market=ID", 1e-3),
        ((part(80, 0.5), None), "market=ID", 1.0),
    ],
)
def test_the_chance_of_a_part_by_the_metric_and_by_what_shows_it(
    monkeypatch: pytest.MonkeyPatch, verdicts: tuple[Any, Any], where: str, chance: float
) -> None:
    by_metric = dict(zip(("clicks", "ctr"), verdicts, strict=True))
    monkeypatch.setattr(part_verdict, "_verdict", lambda _, name, __: by_metric[name])
    assert chance_of_part(request(), Segment.parse(where), CTR) == pytest.approx(chance)


@pytest.mark.parametrize(
    ("own", "factor", "is_drop"),
    [
        (part(80, 1e-3), part(80, 1e-3), True),
        (part(80, 1e-2), part(80, 1e-3), True),
        (part(80, 1e-2), part(80, 1e-2), False),
        (part(80, 1e-9, False), part(80, 1e-9), False),
        (None, part(80, 1e-9), False),
        (part(80, 1e-3), None, True),
    ],
    ids=["both", "the factor clearly", "neither clearly", "the factor alone", "no past", "no factor"],
)
def test_a_part_is_a_drop_by_itself_in_the_metric_that_is_asked_about(
    monkeypatch: pytest.MonkeyPatch, own: Any, factor: Any, is_drop: bool
) -> None:
    by_metric = {"clicks": own, "ctr": factor}
    monkeypatch.setattr(part_verdict, "_verdict", lambda _, name, __: by_metric[name])
    assert is_drop_by_itself(request(), ID, CTR) is is_drop
    assert is_drop_by_itself(request(), ID, CLICKS) is (own is not None and own.is_drop and own.p_value <= 1e-3)


def test_a_verdict_on_a_part_is_none_where_its_past_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def compare(*words: Any, **more: Any) -> Any:
        asked.append((words[1], str(more["where"])))
        if len(asked) > 1:
            raise NotEnoughData("too short")
        return part(80, 1e-4)

    monkeypatch.setattr(part_verdict, "compare", compare)
    question = request(where=Segment.parse("channel=live"))
    assert part_verdict._verdict(question, "clicks", ID) is not None
    assert part_verdict._verdict(question, "clicks", ID) is None
    assert part_verdict._verdict(question, "impressions of nobody", ID) is None
    assert asked == [("clicks", "channel=live,market=ID")] * 2
