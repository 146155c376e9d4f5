"""What is said of causes and where they are, at the bounds: values that take over, words of moves, two places."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import Segment
from core.catalogue.metric_tree.metric_loader import load
from core.explanation import change_context
from core.explanation.change_context import _are_two_places, _changed_elsewhere, _without_filter
from core.explanation.diagnose.cause_weights import _in_words
from core.explanation.diagnose.diagnosis import _undecided
from core.explanation.locate import replaced_values
from core.explanation.locate.replaced_values import _cells, _new_instead, is_replaced
from core.localization.with_history.actual_vs_expected import LeafSums
from tests.explanation.diagnose.test_cause_tests import move

CATALOGUE = load()
ORDERS, VIEWS = CATALOGUE.metric("orders"), CATALOGUE.metric("impressions")
VALUES = {"market": ("", "ID", "TH"), "version": ("", "v1", "v2"), "creator_id": ("", *map(str, range(99)))}


def leaves(rows: list[tuple[int, int, int, float, float]]) -> LeafSums:
    """Rows of market, version and creator, what came and what was expected."""
    table = np.array(rows, float)
    return LeafSums(VALUES, tuple(VALUES), table[:, :3].astype(np.int32), {"impressions": (table[:, 3], table[:, 4])})


ROWS = [(1, 1, 5, 1.0, 90.0), (1, 2, 6, 80.0, 0.0), (2, 1, 5, 90.0, 95.0), (2, 2, 7, 40.0, 0.0), (1, 1, 8, 2.0, 0.4)]


def test_leaves_of_new_values_in_the_markets_of_what_they_take_over_from() -> None:
    table = leaves(ROWS)
    found = _new_instead(VIEWS, table, Segment.parse("version=v1"), "version")
    assert found.tolist() == [False, True, False, True, False]
    narrow = _new_instead(VIEWS, table, Segment.parse("market=ID,version=v1"), "version")
    assert narrow.tolist() == [False, True, False, False, False]
    few = leaves([*ROWS[1:4], (1, 1, 5, 0.0, 0.5)])
    assert _new_instead(VIEWS, few, Segment.parse("version=v1"), "version").tolist() == [True, False, True, False]
    absent = leaves([(1, 1, 5, 3.0, 0.0), *ROWS[1:4]])
    assert _new_instead(VIEWS, absent, Segment.parse("version=v1"), "version").tolist() == [False, False, False, True]
    cells = _cells(table, "version")
    assert [cells[0] == cells[at] for at in range(5)] == [True, True, False, False, True], "creators are too many"


@pytest.mark.parametrize(("taken", "where", "metric", "replaced"), [
    (60.0, "version=v1", ORDERS, True), (2.0, "version=v1", ORDERS, False), (60.0, "", ORDERS, False),
    (60.0, "version=v1", CATALOGUE.metric("ctr"), False), (60.0, "market=ID", ORDERS, False),
])  # fmt: skip
def test_a_new_value_took_over_most_of_what_was_lost(
    taken: float, where: str, metric: Any, replaced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = leaves([(1, 1, 5, 10.0, 90.0), (1, 2, 6, taken, 0.0), (2, 1, 5, 90.0, 95.0)])
    figures = SimpleNamespace(leaves=lambda *_: table, slices=lambda _: ())
    monkeypatch.setattr(replaced_values, "ExplainRequest", lambda **_: SimpleNamespace(figures=lambda: figures))
    workspace = cast(Any, SimpleNamespace(catalogue=CATALOGUE, measures=("impressions", "orders")))
    assert bool(is_replaced(workspace, metric, Window(1, 7), Segment.parse(where))) is replaced


@pytest.mark.parametrize(("beyond", "words"), [(-0.5, "fell 39.3%"), (0.5, "rose 64.9%"), (0.0, "rose 0.0%")])
def test_a_move_in_words(beyond: float, words: str) -> None:
    assert _in_words(move("ctr", beyond)) == f"{words} (±2.0%) versus the rest"


def test_two_places_share_little_and_leave_a_control() -> None:
    table = LeafSums(
        VALUES, tuple(VALUES),
        np.array([[1, 1, 1], [1, 2, 1], [2, 1, 1], [2, 2, 1]], np.int32),
        {"impressions": (np.zeros(4), np.array([30.0, 10.0, 50.0, 10.0]))},
    )  # fmt: skip

    def apart(segment: str, other: str) -> bool:
        return _are_two_places(table, "impressions", Segment.parse(segment), Segment.parse(other))

    assert not apart("market=ID", "market=ID")
    assert not apart("market=ID", "market=ID,version=v1"), "most of it"
    assert apart("market=ID,version=v1", "market=TH,version=v2")
    assert not apart("market=ID,version=v2", "version=v1"), "nearly all that is left to compare with"


def test_terms_of_a_filter_outside_which_the_same_happened_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def alike(segment: Segment, wide: Segment, *_: Any) -> bool:
        asked.append((str(segment), str(wide)))
        return "channel" not in str(wide) and "channel" in str(segment)

    monkeypatch.setattr(change_context, "_moved_alike", alike)
    where = Segment.parse("channel=live,market=ID")
    found = _without_filter(where, Segment.parse("version=v1"), cast(Any, None), cast(Any, None))
    assert found == Segment.parse("market=ID,version=v1")
    assert len(asked) == 2
    asked.clear()
    inside = _without_filter(where, Segment.parse("channel=live"), cast(Any, None), cast(Any, None))
    assert inside == where
    assert asked == [("channel=live,market=ID", "channel=live")], "what was found inside stays"


@pytest.mark.parametrize(("metric", "baseline", "where", "segment", "looks"), [
    ("gmv", "expected", "", "market=ID", False), ("gmv", "expected", "channel=live", "market=ID", True),
    ("gmv", "previous", "channel=live", "market=ID", False), ("ctr", "expected", "", "market=ID", True),
    ("ctr", "expected", "", "", False),
])  # fmt: skip
def test_other_changes_are_looked_for_where_they_may_spoil_the_control(
    metric: str, baseline: str, where: str, segment: str, looks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = SimpleNamespace(where=Segment.parse("market=TH"), confidence=0.99)
    unsure = SimpleNamespace(where=Segment.parse("market=VN"), confidence=0.2)
    line = SimpleNamespace(minus=lambda _: None)
    monkeypatch.setattr(change_context, "daily", lambda _: line)
    monkeypatch.setattr(change_context, "moved", lambda *_: {"gmv": SimpleNamespace(clear=True)})
    monkeypatch.setattr(change_context, "root_of", lambda *_: CATALOGUE.metric("gmv"))
    monkeypatch.setattr(change_context, "segments_changed", lambda *_: [place, unsure])
    workspace = SimpleNamespace(catalogue=CATALOGUE, measures=("gmv", "orders", "impressions"))
    request = cast(Any, SimpleNamespace(
        workspace=workspace, metric=CATALOGUE.metric(metric), baseline=baseline, window=Window(1, 7), where=Segment.parse(where),
    ))  # fmt: skip
    change = cast(Any, SimpleNamespace(segments=(Segment.parse(segment),)))
    compared = cast(Any, SimpleNamespace(where=lambda _: None))
    expected = [place.where] if looks else []
    assert _changed_elsewhere(request, change, compared) == expected
    monkeypatch.setattr(change_context, "moved", lambda *_: {"gmv": SimpleNamespace(clear=False)})
    assert _changed_elsewhere(request, change, compared) == [], "everything else is as before"


def test_what_would_decide_is_that_of_the_nearest_cause() -> None:
    first = SimpleNamespace(decides="the day's logs", verify="v", moves={"ctr": "down", "cart_rate": "down"})
    second = SimpleNamespace(decides="other", verify="w", moves={"impressions": "up"})
    ranking = cast(Any, SimpleNamespace(nearest=[(first, 0.3), (second, 0.2)], causes=()))
    near = [SimpleNamespace(cause="C01 x", score=0.3), SimpleNamespace(cause="C02 y", score=0.2)]
    told = _undecided(ranking, cast(Any, near), {}, [CATALOGUE.metric("ctr")])
    assert "nearest: C01 x (30%), C02 y (20%). What would decide: the day's logs" in told
    assert told.endswith("; cart_rate, impressions would help to decide: load the exports that count them")
    first.decides = ""
    assert "What would decide: v" in _undecided(ranking, cast(Any, near), {}, [])
    first.key, second.key, first.metrics, second.metrics = "C01", "C02", ("ctr", "orders"), ("ctr", "viewers")
    either = cast(Any, SimpleNamespace(nearest=ranking.nearest, causes=("C01", "C02")))
    told = _undecided(either, cast(Any, near), {}, [CATALOGUE.metric("ctr")])
    assert told.startswith(
        "C01 x (30%) or C02 y (20%). What would decide: v (C01) or other (C02); orders, viewers would help"
    )
    none = _undecided(cast(Any, SimpleNamespace(nearest=[], causes=())), [], {}, [])
    assert none == "no known cause fits"
