"""Which of several searches is believed, shapes of changes, and what no creator brings: each decision on a handful of figures."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.segment import Segment
from core.catalogue.metric_tree.metric_loader import load
from core.explanation.diagnose import cause_tests
from core.explanation.locate import onset, segment_choice
from core.explanation.locate.onset import OnsetEstimate
from core.explanation.locate.segment_choice import Scope, find, joined
from core.explanation.locate.segment_part import SegmentMove
from core.localization.with_history.actual_vs_expected import LeafSums
from core.localization.with_history.scan_search import CandidateSegment
from tests.explanation.diagnose.test_cause_tests import LIVE, Factor, context, degree, move

CATALOGUE = load()
CLICKS, ORDERS, IMPRESSIONS = (CATALOGUE.metric(name) for name in ("clicks", "orders", "impressions"))


SHAPES = [(0, 1, "spike"), (2, 1, "spike"), (0, 2, "step"), (1, 2, "ramp"), (4, 9, "ramp")]


@pytest.mark.parametrize(("length", "days", "shape"), SHAPES)
def test_shapes_of_changes(length: int, days: int, shape: str) -> None:
    assert onset._shape(length, days) == shape


@pytest.mark.parametrize("length", [1, 4])
def test_a_change_scatters_about_its_likeliest_size(length: int) -> None:
    days = np.arange(40)
    level, start = np.full(40, 100.0), 30
    wave = np.where(days % 2, 1.0, -1.0)
    grown = np.clip((days - start + 1) / length, 0, 1)
    actual = level * (1 - 0.5 * grown) + np.where(days < 30, 5, 20) * wave
    line = cast(Any, SimpleNamespace(known=days < 30))
    assert onset._noise(actual, level, line) == pytest.approx(25 / 100 / 0.455)
    shape = (grown * level)[start:]
    left = (actual - level)[start:] - shape * float((actual - level)[start:] @ shape / (shape @ shape))
    by_hand = float((left**2 / 100).sum() / 9)
    assert onset._misfit(actual, level, line, length, start) == pytest.approx(by_hand / (0.25 / 0.455))
    calm = level * (1 - 0.5 * grown) + 5 * wave
    assert onset._misfit(calm, level, line, length, start) == 1.0


def candidate(where: str, gain: float) -> CandidateSegment:
    return CandidateSegment(where=Segment.parse(where), rows=np.zeros(0, np.int64), gain=gain, scale=1.0, price=0.0)


def found(
    monkeypatch: pytest.MonkeyPatch, by_metric: dict[str, list[CandidateSegment]], actual: list[float], **scope: float
) -> tuple[list[str], list[float], str]:
    """Of markets with a hundred clicks each; without what is chosen each search finds what it found, and nothing of it."""
    codes = np.arange(1, len(actual) + 1, dtype=np.int32)[:, None]
    words = {"market": ("", "A", "B", "C", "D")}
    leaves = LeafSums(words, ("market",), codes, {"clicks": (np.array(actual), np.full(len(actual), 100.0))})

    def history(metric: Any, *_: Any) -> Any:
        def without(places: list[Segment]) -> Any:
            left = [one for one in by_metric[metric.key] if one.where not in places]
            return SimpleNamespace(held=left, without=without)

        return without([])

    monkeypatch.setattr(segment_choice, "_history", history)
    monkeypatch.setattr(segment_choice, "scan_search", lambda history: history.held)
    searches = tuple(CATALOGUE.metric(name) for name in by_metric)
    judged = cast(Any, SimpleNamespace(value=lambda _: (sum(actual), 100.0 * len(actual))))
    moves, by = find(Scope(metric=CLICKS, searches=searches, **scope), judged, leaves, judged)
    return [str(one.where) for one in moves], [one.confidence for one in moves], by.key


def test_segments_that_changed_alike_and_differ_in_one_value_are_one() -> None:
    """Half as much on the scale of logarithms is alike; so is what is gone and what is nearly gone."""

    def places(actual: list[float], **days: tuple[int, int, int]) -> list[tuple[str, float]]:
        codes = np.arange(1, len(actual) + 1, dtype=np.int32)[:, None]
        sums = {"clicks": (np.array(actual), np.full(len(actual), 100.0))}
        leaves = LeafSums({"market": ("", "A", "B", "C", "D")}, ("market",), codes, sums)
        moves = [SegmentMove(Segment.parse(f"market={name}"), 0.9 - at / 10) for at, name in enumerate("AB")]

        def began(where: Segment) -> OnsetEstimate:
            day, first, last = days.get(str(where)[-1], (100, 100, 100))
            return OnsetEstimate(day=day, first=first, last=last, shape="step")

        return [(str(one.where), one.confidence) for one in joined(CLICKS, leaves, moves, began)]

    apart = [("market=A", 0.9), ("market=B", 0.8)]
    fallen, alike, less = (100 * np.exp(-nats) for nats in (1.0, 0.51, 0.49))
    assert places([fallen, alike, 100.0, 100.0]) == [("market=A|B", 0.8)]
    assert places([fallen, less, 100.0, 100.0]) == apart
    assert places([0.0, 10.0, 100.0, 100.0]) == [("market=A|B", 0.8)]
    assert places([150.0, 50.0, 100.0, 100.0]) == apart, "the other way"
    for other, together in (((101, 101, 101), False), ((101, 100, 101), True), ((98, 90, 99), False)):
        assert (len(places([fallen, alike, 100.0, 100.0], B=other)) == 1) is together


def test_two_descriptions_of_one_change_share_the_confidence(monkeypatch: pytest.MonkeyPatch) -> None:
    fallen = [40.0, 95.0, 100.0, 100.0]
    for lead, share in ((0.0, 0.5), (2.0, 1 / (1 + np.exp(-2))), (np.inf, 1.0)):
        tied = replace(candidate("market=A", 40), rival=Segment.parse("market=B"), lead=lead)
        assert found(monkeypatch, {"clicks": [tied]}, fallen)[1] == [pytest.approx(share * sure(40))]


def sure(gain: float) -> float:
    return 0.98 * (1 - float(np.exp(-gain / 4)))


def test_the_narrowest_of_the_searches_that_explain_as_much_as_sharply(monkeypatch: pytest.MonkeyPatch) -> None:
    fallen = [40.0, 95.0, 100.0, 100.0]
    wide = [candidate("market=A|B", 40)]
    for gain, expected in ((30.1, "orders"), (29.9, "clicks")):
        by = {"clicks": wide, "orders": [candidate("market=A", gain)]}
        places, confidence, metric = found(monkeypatch, by, fallen)
        assert metric == expected, "three quarters as sharp"
        assert confidence[0] == pytest.approx(sure(gain if expected == "orders" else 40))
        assert places == (["market=A"] if expected == "orders" else ["market=A|B"])
    # B alone is a thirteenth of the change: it explains too little, however narrow and sharp
    by = {"clicks": wide, "orders": [candidate("market=B", 60)]}
    assert found(monkeypatch, by, fallen)[2] == "clicks"


def test_a_further_segment_adds_a_tenth_and_is_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"clicks": [candidate("market=A", 40), candidate("market=B", 30)]}
    assert found(monkeypatch, both, [50.0, 94.0, 100.0, 100.0])[0] == ["market=A", "market=B"]
    assert found(monkeypatch, both, [50.0, 95.0, 100.0, 100.0])[0] == ["market=A"], "a twelfth"
    assert found(monkeypatch, both, [50.0, 110.0, 100.0, 100.0])[0] == ["market=A"], "the other way"
    doubtful = {"clicks": [candidate("market=A", 40), candidate("market=B", 13.9)]}
    assert found(monkeypatch, doubtful, [50.0, 90.0, 100.0, 100.0])[0] == ["market=A"]
    doubtful["clicks"][1] = candidate("market=B", 13.95)
    assert len(found(monkeypatch, doubtful, [50.0, 90.0, 100.0, 100.0])[0]) == 1 + (sure(13.95) >= 0.95)
    doubtful["clicks"][1] = candidate("market=B", 14.0)
    assert found(monkeypatch, doubtful, [50.0, 90.0, 100.0, 100.0])[0] == ["market=A", "market=B"]
    four = {"clicks": [candidate(f"market={name}", 40 - at) for at, name in enumerate("ABCD")]}
    assert found(monkeypatch, four, [50.0] * 4)[0] == [f"market={name}" for name in "ABCD"]


def test_where_nothing_explains_it_everything_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    little = {"clicks": [candidate("market=A", 40)]}
    assert found(monkeypatch, little, [88.0, 60.0, 60.0, 60.0])[:2] == ([""], [0.7]), "a ninth"
    assert found(monkeypatch, little, [80.0, 66.0, 66.0, 66.0])[0] == ["market=A"], "a sixth"
    assert found(monkeypatch, {"clicks": []}, [60.0] * 4)[:2] == ([""], [0.7])
    assert found(monkeypatch, {"clicks": []}, [60.0] * 4, error=90.0)[:2] == ([""], [0.5]), "chance alone"
    assert found(monkeypatch, little, [60.0, 100.0, 100.0, 100.0], price=39.0)[1] == [pytest.approx(sure(1))]
    assert found(monkeypatch, little, [60.0, 100.0, 100.0, 100.0], price=40.0)[0] == [""]


def no_creator_moves(search: float, creators: float) -> Factor:
    return lambda market, channel, creator: (creators if creator else search) if market == "ID" else 1.0


@pytest.mark.parametrize(("search", "creators", "expected"), [(1.0, 0.5, 1.0), (0.5, 0.5, 0.0), (1.0, 1.0, 0.5)])
def test_only_creators_move_where_what_has_none_stays(search: float, creators: float, expected: float) -> None:
    case = context(Segment.parse("market=ID"), no_creator_moves(search, creators))
    assert degree("only_creators", case) == pytest.approx(expected, abs=0.01)


def test_without_both_kinds_it_is_open_whether_only_creators_move() -> None:
    assert degree("only_creators", context(LIVE, no_creator_moves(1.0, 0.5))) == 0.5, "live has creators alone"
    assert degree("only_creators", context(volume=None)) is None
    few = cause_tests.cause_tests(context(LIVE), ["only_creators"])["only_creators"]
    assert few.text == "100% of its product impressions come from creators"


@pytest.mark.parametrize(("named", "accused", "expected"), [(4, 4, 1.0), (4, 1, 0.25), (10, 5, 0.5), (11, 11, None)])
def test_creators_with_a_violation_when_it_began(named: int, accused: int, expected: float | None) -> None:
    where = Segment.of({"creator_id": [f"c{at}" for at in range(1, named + 1)]})
    violations = {f"c{at}": 1 for at in range(1, accused + 1)}
    assert degree("have_violations", context(where, violations=violations)) == expected
    assert degree("have_violations", context(violations=violations)) is None


def test_volume_that_is_the_orders_themselves_is_not_diluted() -> None:
    changes = {"orders": move("orders", 0.4)}
    assert degree("mostly_mix", context(volume=ORDERS, moved=changes)) is None
