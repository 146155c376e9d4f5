"""Posteriors of causes from made-up evidence: what is needed, what is neutral, what the change log adds."""

from dataclasses import replace

import pytest

from core.base.segment import Segment
from core.catalogue.cause_signatures import CauseSignature, MovePattern
from core.explanation.decompose.metric_moves import MetricMove
from core.explanation.diagnose.cause_matching import match_causes
from core.explanation.diagnose.change_evidence import ChangeEvidence, FactResult
from core.explanation.explanation_results import EventMatch


def move(metric: str, beyond: float, error: float = 0.01) -> MetricMove:
    return MetricMove(
        metric=metric,
        unit="ratio",
        actual=1.0 + beyond,
        expected=1.0,
        beyond=beyond,
        error=error,
        relative_error=error,
    )


def signature(key: str, *patterns: MovePattern, **fields: object) -> CauseSignature:
    plain = {"name": f"Cause {key}", "action": "act", "owner": "team", "verify": "see", "decides": f"test {key}"}
    return CauseSignature(key=key, patterns=patterns, slices=("market",), **{**plain, **fields})


FALL = signature("FALL", MovePattern(moves={"ctr": "down"}, flat=("impressions", "payment_rate")), events=("release",))
SWAP = signature("SWAP", MovePattern(moves={"ctr": "down", "impressions": "up"}), events=("-",), lookalikes=("FALL",))
CAUSES = {one.key: one for one in (FALL, SWAP)}


def evidence(**beyond: float) -> ChangeEvidence:
    return ChangeEvidence(
        asked="ctr",
        moved={metric: move(metric, amount) for metric, amount in beyond.items()},
        facts={},
        segment=Segment.parse("market=ID"),
        dimensions=("market", "channel"),
        shape="step",
        events=(),
    )


def chance(key: str, given: ChangeEvidence, causes: dict[str, CauseSignature] = CAUSES) -> float:
    return {cause.key: value for cause, value in match_causes(causes, given).nearest}.get(key, 0.0)


def test_a_move_that_is_needed_and_missing_decides():
    missing, there = evidence(ctr=-0.5, impressions=0.0), evidence(ctr=-0.5, impressions=0.6)
    assert chance("FALL", missing) > 0.6 > 0.1 > chance("SWAP", missing)
    assert chance("SWAP", there) > 0.7 > 0.1 > chance("FALL", there)


@pytest.mark.parametrize(("segment", "nearest"), [("market=ID", ["FALL"]), ("channel=live", [])])
def test_what_only_has_evidence_against_it_is_not_nearest(segment: str, nearest: list[str]) -> None:
    """A common cause, of which only the segment speaks, for or against."""
    weight = {"market=ID": 1.5, "channel=live": 12.0}[segment]
    ranking = match_causes({"FALL": replace(FALL, weight=weight)}, replace(evidence(), segment=Segment.parse(segment)))
    assert ranking.causes == ()
    assert [other.what for other in ranking.ruled_out] == ["FALL Cause FALL"], "likely enough for a line"
    assert [cause.key for cause, _ in ranking.nearest] == nearest


def test_a_needed_move_that_is_far_smaller_than_the_other_is_as_good_as_missing():
    sizes = [chance("SWAP", evidence(ctr=-0.9, impressions=size)) for size in (0.9, 0.3, 0.03)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 3 * sizes[2]


def test_a_metric_that_is_not_counted_or_not_mentioned_says_nothing():
    alone = evidence(ctr=-0.5)
    assert chance("FALL", alone) == pytest.approx(chance("SWAP", alone), abs=0.15)
    more = replace(alone, moved={**alone.moved, "refund_rate": move("refund_rate", 2.0)})
    assert chance("FALL", more) == chance("FALL", alone)


def test_a_move_within_its_error_hardly_speaks():
    vague = evidence(ctr=-0.5)
    vague = replace(vague, moved={**vague.moved, "payment_rate": move("payment_rate", 0.4, error=0.5)})
    sharp = replace(vague, moved={**vague.moved, "payment_rate": move("payment_rate", 0.4)})
    assert abs(chance("FALL", vague) - chance("FALL", evidence(ctr=-0.5))) < 0.05
    assert chance("FALL", sharp) < chance("FALL", vague) - 0.2


def test_a_cause_shows_by_one_of_its_patterns():
    either = signature("EITHER", MovePattern(moves={"ctr": "down"}), MovePattern(moves={"payment_rate": "down"}))
    for metric in ("ctr", "payment_rate"):
        given = replace(evidence(**{metric: -0.5}), asked=metric)
        assert chance("EITHER", given, {"EITHER": either}) > 0.3
    other = replace(evidence(refund_rate=0.5), asked="refund_rate")
    assert chance("EITHER", other, {"EITHER": either}) < 0.1


def test_none_is_named_that_is_less_likely_than_not():
    wrong = match_causes(CAUSES, replace(evidence(ctr=0.5, impressions=0.4), segment=Segment.parse("device=ios")))
    assert wrong.causes == ()
    assert all(value < 0.5 for _, value in wrong.nearest)
    right = match_causes(CAUSES, evidence(ctr=-0.5, impressions=0.6, payment_rate=0.0))
    assert right.causes[0].cause.startswith("SWAP")
    assert right.causes[0].score == pytest.approx(right.nearest[0][1], abs=1e-4)
    assert [one.what.split()[0] for one in right.ruled_out] == ["FALL"]


def test_no_cause_of_what_may_be_no_change():
    assert match_causes(CAUSES, replace(evidence(ctr=-0.5), sure=0.0)).causes == ()
    half = replace(evidence(ctr=-0.5, impressions=0.0), sure=0.5)
    assert chance("FALL", half) == pytest.approx(0.5 * chance("FALL", replace(half, sure=1.0)))


def test_an_event_speaks_for_its_kind_and_against_causes_without_any():
    event = EventMatch(event_id="E1", title="app rollout", score=1.0, reason="starts on the day of the onset")
    silent, told = evidence(ctr=-0.5), replace(evidence(ctr=-0.5), events=(("release", event),))
    other = replace(silent, events=(("holiday", event),))
    assert chance("FALL", told) > chance("FALL", silent) + 0.1
    assert chance("SWAP", told) < chance("SWAP", other) < chance("SWAP", silent)


def test_the_title_of_an_event_counts_by_the_words_of_the_cause():
    named = {"FALL": replace(FALL, words=("rollout", "build"))}
    title = EventMatch(event_id="E1", title="rollouts of a new build", score=1.0, reason="")
    plain = EventMatch(event_id="E1", title="nothing alike", score=1.0, reason="")
    scores = [chance("FALL", replace(evidence(ctr=-0.2), events=(("release", one),)), named) for one in (plain, title)]
    assert 1 - scores[1] < (1 - scores[0]) / 2


def test_tests_that_a_cause_needs_decide_and_those_that_cannot_be_made_speak_against():
    tested = {"T": replace(FALL, key="T", facts={"vanished": True})}
    results = {
        degree: replace(evidence(ctr=-0.5), facts={"vanished": FactResult(degree, "left", "hardly anything is left")})
        for degree in (0.0, 1.0)
    }
    unknown = chance("T", evidence(ctr=-0.5), tested)
    assert chance("T", results[0.0], tested) < unknown < chance("T", results[1.0], tested)
    excluded = {"T": replace(FALL, key="T", facts={"vanished": False})}
    assert chance("T", results[1.0], excluded) < chance("T", results[0.0], excluded)


def test_segments_by_which_a_cause_is_not_known_speak_against_it():
    places = ["market=ID", "channel=live", "channel=live,device=ios"]
    scores = [chance("FALL", replace(evidence(ctr=-0.5), segment=Segment.parse(place))) for place in places]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[1] + 0.1
    everywhere = {"E": replace(FALL, key="E", slices=("market", "everything"))}
    whole = replace(evidence(ctr=-0.5), segment=Segment())
    sliced, unsliced = (chance("E", replace(whole, dimensions=names), everywhere) for names in (("market",), ()))
    assert sliced < unsliced


def test_evidence_is_stated_for_first_the_strongest_first():
    (cause, *_) = match_causes({"FALL": replace(FALL, weight=20.0)}, evidence(ctr=-0.5, payment_rate=0.3)).causes
    kinds = [line.split(":")[0] for line in cause.evidence]
    assert kinds == sorted(kinds, reverse=True)
    assert next(line for line in cause.evidence if line.startswith("against")).startswith("against: payment rate")
    assert any(line.startswith("for: CTR") and line.endswith("as this cause predicts") for line in cause.evidence)


def test_short_words_of_a_title_count_where_the_cause_lists_them():
    named = {"FALL": replace(FALL, words=("psp",))}
    title = EventMatch(event_id="E1", title="PSP down", score=1.0, reason="")
    told = replace(evidence(ctr=-0.2), events=(("release", title),))
    assert chance("FALL", told, named) > chance("FALL", told) + 0.05


def test_what_any_event_may_be_about_speaks_for_no_cause():
    """A fee for sellers is no word of a cause whose owner serves sellers, unless the cause lists the word."""
    fee = EventMatch(event_id="E1", title="packaging fee for sellers", score=1.0, reason="")
    told = replace(evidence(ctr=-0.2), events=(("price", fee),))
    owned = {"FALL": replace(FALL, owner="Seller service")}
    assert chance("FALL", told, owned) == chance("FALL", told, {"FALL": replace(FALL, owner="Nobody")})
    assert chance("FALL", told, {"FALL": replace(FALL, words=("sellers",))}) > chance("FALL", told, owned) + 0.05


def test_a_dimension_of_ones_own_speaks_only_where_it_is_called_like_the_cause():
    named = {"FALL": replace(FALL, words=("payment",))}
    plain, own = evidence(ctr=-0.3), Segment.parse("payment_method=card")
    foreign, market = Segment.parse("device=ios"), Segment.parse("market=ID")
    chances = [chance("FALL", replace(plain, segment=place), named) for place in (foreign, own, market)]
    assert chances[0] < chances[1] - 0.1
    assert chances[1] == chances[2]
    assert chances[0] < chance("FALL", replace(plain, segment=Segment.parse("shelf=3")), named) < chances[1]
