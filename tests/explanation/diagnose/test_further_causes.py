"""Causes of several segments: the likeliest of each, best first; and which segments are two places."""

import numpy as np
import pytest

from core.base.segment import EVERYTHING, Segment
from core.explanation.change_context import _are_two_places
from core.explanation.diagnose.diagnosis import Diagnosis
from core.explanation.explanation_results import CauseMatch, RuledOut
from core.localization.with_history.actual_vs_expected import LeafSums

ID, TH = Segment.parse("market=ID"), Segment.parse("market=TH")


def cause(name: str, score: float, where: Segment) -> CauseMatch:
    return CauseMatch(cause=name, score=score, evidence=(), action="", owner="", verify="", where=where)


FIRST = Diagnosis(
    causes=(cause("outage", 0.7, ID), cause("ranking", 0.2, ID)),
    ruled_out=(RuledOut("price", "it stayed"), RuledOut("season", "no holiday")),
    notes=("a note",),
)


@pytest.mark.parametrize(
    ("further", "named", "ruled_out"),
    [
        ([], [("outage", "market=ID"), ("ranking", "market=ID")], ["price", "season"]),
        ([("price", 0.9)], [("price", "market=TH"), ("outage", "market=ID"), ("ranking", "market=ID")], ["season"]),
        ([("ranking", 0.6)], [("outage", "market=ID"), ("ranking", "market=TH")], ["price", "season"]),
        ([("outage", 0.9)], [("outage", "market=ID"), ("ranking", "market=ID")], ["price", "season"]),
        ([("price", 0.49)], [("outage", "market=ID"), ("ranking", "market=ID")], ["price", "season"]),
    ],
    ids=["none", "surer", "instead of a doubt about the first", "the same", "one of two"],
)
def test_the_likeliest_cause_of_each_segment_best_first(
    further: list[tuple[str, float]], named: list[tuple[str, str]], ruled_out: list[str]
) -> None:
    others = [Diagnosis(causes=(cause(name, score, TH), cause("never said", 0.1, TH))) for name, score in further]
    together = FIRST.with_further([*others, Diagnosis()])
    assert [(each.cause, str(each.where)) for each in together.causes] == named
    assert [other.what for other in together.ruled_out] == ruled_out
    assert together.notes == FIRST.notes
    assert [each.score for each in together.causes] == sorted((each.score for each in together.causes), reverse=True)


def test_two_causes_of_which_it_is_one_stay_both_where_one_of_them_is_that_of_another_segment() -> None:
    pair = (cause("outage", 0.47, ID), cause("ranking", 0.46, ID))
    for name in ("outage", "ranking"):
        further = cause(name, 0.8, TH)
        assert Diagnosis(causes=pair).with_further([Diagnosis(causes=(further,))]).causes == (further, *pair)


def test_where_only_a_further_segment_has_a_cause_it_is_named() -> None:
    together = Diagnosis().with_further([Diagnosis(causes=(cause("price", 0.9, TH),))])
    assert [each.cause for each in together.causes] == ["price"]


@pytest.mark.parametrize(
    ("segment", "other", "apart"),
    [
        ("market=ID", "market=TH", True),
        ("market=ID", "market=ID", False),
        ("market=ID", "channel=live", False),
        ("market=ID,channel=live", "market=TH,channel=video", True),
        ("market=TH", "market=ID|VN", False),
        ("", "market=ID", False),
    ],
    ids=["two markets", "the same", "half of it", "disjoint", "all of the control", "everything"],
)
def test_two_places_share_few_rows_and_leave_some_control(segment: str, other: str, apart: bool) -> None:
    codes = np.array([[market, channel] for market in (1, 2, 3) for channel in (1, 2)], np.int32)
    sales = np.full(len(codes), 10.0)
    values = {"market": ("", "ID", "TH", "VN"), "channel": ("", "live", "video")}
    leaves = LeafSums(values, ("market", "channel"), codes, {"orders": (sales / 2, sales)})
    assert (
        _are_two_places(leaves, "orders", Segment.parse(segment) if segment else EVERYTHING, Segment.parse(other))
        is apart
    )
