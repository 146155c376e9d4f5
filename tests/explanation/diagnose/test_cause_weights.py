"""Weights of evidence are ratios of densities, and probabilities follow from them by Bayes' rule."""

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest

from core.base.segment import Segment
from core.catalogue.cause_signatures import CauseSignature, MovePattern
from core.explanation.decompose.metric_moves import MetricMove
from core.explanation.diagnose import cause_weights, event_weights
from core.explanation.diagnose import move_likelihood as likelihood
from core.explanation.diagnose.cause_matching import match_causes
from core.explanation.diagnose.change_evidence import ChangeEvidence, FactResult
from core.explanation.diagnose.merged_steps import with_merged_steps
from core.explanation.explanation_results import EventMatch

SIZES = np.linspace(-25, 25, 5001)


def move(beyond: float, error: float = 0.05, metric: str = "ctr", unit: str = "ratio") -> MetricMove:
    return MetricMove(
        metric=metric, unit=unit, actual=exp(beyond), expected=1.0, beyond=beyond, error=error,
        relative_error=error,
    )  # fmt: skip


def densities(density: object, error: float = 0.05) -> np.ndarray:
    return np.array([density(move(size, error)) for size in SIZES.tolist()])  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "density"),
    [
        ("flat", likelihood.stays),
        ("down", lambda change: likelihood.moves(change, "down")),
        ("either", lambda change: likelihood.moves(change, "either")),
        ("needed", lambda change: likelihood.moves_as_needed(change, "up", 0.5)),
        ("any", likelihood.moves_or_stays),
    ],
)
@pytest.mark.parametrize("error", [0.05, 0.4])
def test_each_density_adds_up_to_one(name: str, density: object, error: float) -> None:
    assert densities(density, error).sum() * (SIZES[1] - SIZES[0]) == pytest.approx(1.0, abs=0.005)


def test_a_move_of_unknown_size_is_exponential_and_a_needed_one_about_as_large_as_the_largest() -> None:
    step = SIZES[1] - SIZES[0]
    up = densities(lambda change: likelihood.moves(change, "up"), 0.05)
    assert (up * SIZES).sum() * step == pytest.approx(0.8 * 0.6 + 0.2 * 4 * 0.6, rel=0.01)
    assert up[SIZES < -0.5].sum() * step < 1e-6
    down = densities(lambda change: likelihood.moves(change, "down"), 0.05)
    assert down[::-1] == pytest.approx(up, abs=1e-9)
    either = densities(lambda change: likelihood.moves(change, "either"), 0.05)
    assert either == pytest.approx((up + down) / 2)
    shares = np.array([0.15, 0.25, 0.3, 0.2, 0.1])
    relative = np.array([0.2, 0.5, 1.0, 2.0, 5.0])
    needed = densities(lambda change: likelihood.moves_as_needed(change, "up", 0.5), 0.05)
    mean = (needed * SIZES).sum() * step
    assert mean == pytest.approx(0.5 * (shares @ relative), rel=0.01)
    variance = (needed * (SIZES - mean) ** 2).sum() * step
    within = 0.05**2 + 1e-4 + shares @ (0.4 * 0.5 * relative) ** 2
    assert variance == pytest.approx(within + shares @ (0.5 * relative - mean) ** 2, rel=0.01)
    both = densities(lambda change: likelihood.moves_as_needed(change, "either", 0.5), 0.05)
    assert both == pytest.approx((needed + needed[::-1]) / 2)


@pytest.mark.parametrize(("unit", "still"), [("ratio", 0.02), ("count", 0.05)])
def test_what_stays_strays_by_its_error_and_a_little(unit: str, still: float) -> None:
    width = np.hypot(0.03, still)
    for size in (0.0, 0.1):
        expected = np.exp(-((size / width) ** 2) / 2) / (width * np.sqrt(2 * np.pi))
        assert likelihood.stays(move(size, 0.03, unit=unit)) == pytest.approx(expected)


@pytest.mark.parametrize("degree", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("holds", [True, False])
def test_a_test_weighs_twice_the_ratio_of_its_odds(degree: float, holds: bool) -> None:
    passes = 0.95 if holds else 0.05
    among_cause = passes * degree + (1 - passes) * (1 - degree)
    among_all = 0.2 * degree + 0.8 * (1 - degree)
    weight = cause_weights._of_fact(FactResult(degree, "a figure", "it is so"), holds)
    assert weight.amount == pytest.approx(2 * log(among_cause / among_all))
    speaks_against = "expected for this cause: it is so" if holds else "not expected for this cause"
    assert weight.text == (
        "a figure, as expected for this cause" if weight.amount > 0 else f"a figure; {speaks_against}"
    )


def signature(key: str, weight: float = 1.0, **fields: object) -> CauseSignature:
    plain = {"name": f"Cause {key}", "action": "act", "owner": "team", "verify": "see", "slices": ("market",)}
    plain |= {"patterns": (MovePattern(moves={"ctr": "down"}),)}
    return CauseSignature(key=key, weight=weight, **{**plain, **fields})


EVIDENCE = ChangeEvidence(
    asked="ctr", moved={"ctr": move(-0.3)}, facts={}, segment=Segment.parse("market=ID"), dimensions=("market",),
    shape="step", events=(),
)  # fmt: skip


def test_probabilities_are_weights_over_all_causes_and_none() -> None:
    causes = {key: signature(key, weight) for key, weight in (("A", 8.0), ("B", 4.0), ("C", 1.0), ("D", 0.5))}
    likelihood = exp(sum(weight.amount for weight in cause_weights.cause_weights(causes["A"], EVIDENCE)))
    for sure in (1.0, 0.8):
        ranking = match_causes(causes, replace(EVIDENCE, sure=sure))
        total = 2.0 + 13.5 * likelihood
        expected = {key: sure * cause.weight * likelihood / total for key, cause in causes.items()}
        assert {cause.key: chance for cause, chance in ranking.nearest} == pytest.approx(
            {key: chance for key, chance in list(expected.items())[:3] if chance >= 0.05}
        )


@pytest.mark.parametrize(("weight", "named"), [(1.05, True), (0.95, False)])
def test_a_cause_is_named_that_is_likelier_than_not(weight: float, named: bool) -> None:
    alone = signature("A")
    likelihood = exp(sum(part.amount for part in cause_weights.cause_weights(alone, EVIDENCE)))
    even = 2.0 / likelihood  # as likely as none of these
    ranking = match_causes({"A": replace(alone, weight=even * weight)}, EVIDENCE)
    assert bool(ranking.causes) is named
    assert len(ranking.ruled_out) == (0 if named else 1)
    assert ranking.is_decided is named


@pytest.mark.parametrize(("weight", "named"), [(4.6, "AB"), (4.4, "")])
def test_two_causes_are_named_that_leave_a_tenth_to_all_others(weight: float, named: str) -> None:
    """Two of k times the weight of "none of these" have k / (1 + 2 k) each: together nine tenths from k = 4.5 on."""
    likelihood = exp(sum(part.amount for part in cause_weights.cause_weights(signature("A"), EVIDENCE)))
    causes = {key: signature(key, weight * 2.0 / likelihood) for key in "AB"}
    ranking = match_causes(causes, EVIDENCE)
    assert "".join(cause.cause[0] for cause in ranking.causes) == named
    assert "".join(other.what[0] for other in ranking.ruled_out) == ("" if named else "AB")
    assert not ranking.is_decided
    assert {cause.score for cause in ranking.causes} <= {0.45}, "4.6 of 10.2 is 45.1 %, said rounded down"
    further = {**causes, "C": signature("C", 2.0 / likelihood)}
    assert match_causes(further, EVIDENCE).causes == (), "a third is left more than a tenth"


@pytest.mark.parametrize(("ratio", "shown"), [(2.9, False), (3.1, True)])
def test_look_alikes_are_ruled_out_that_are_a_third_as_likely(ratio: float, shown: bool) -> None:
    causes = {key: signature(key, 300.0) for key in "BC"} | {"A": signature("A", 400.0, lookalikes=("X", "B"))}
    causes["X"] = signature("X", 400.0 / ratio)
    ranking = match_causes(causes, EVIDENCE)
    assert [cause.cause[0] for cause in ranking.causes] == []
    causes = {"A": signature("A", 1e4, lookalikes=("X",)), "X": signature("X", 1e4 / ratio)}
    likely = match_causes(causes, EVIDENCE)
    chances = {cause.key: chance for cause, chance in likely.nearest}
    assert chances["A"] / chances["X"] == pytest.approx(ratio)
    assert likely.ruled_out == (), "it is shown itself"
    hidden = {**causes, "Y": signature("Y", 1e4 / 25), "A": signature("A", 1e4, lookalikes=("Y", "X"))}
    assert [other.what[0] for other in match_causes(hidden, EVIDENCE).ruled_out] == ["Y"]


@pytest.mark.parametrize(
    ("kind", "title", "score", "nats"),
    [
        ("release", "nothing alike", 1.0, 1.5),
        ("release", "nothing alike", 0.4, 0.6),
        ("release", "rollout now", 1.0, 2.5),
        ("holiday", "rollout now", 1.0, 1.0),
        ("holiday", "rollouts of a build", 1.0, 2.0),
        ("holiday", "rollouts, builds and versions", 1.0, 2.0),
        ("holiday", "slots are new, and the class is full", 1.0, 1.0),
        ("other", "nothing alike", 1.0, None),
        ("other", "rollout now", 1.0, 2.5),
        ("holiday", "nothing alike", 0.5, None),
    ],
)
def test_an_event_weighs_by_its_kind_and_by_the_words_of_the_cause(
    kind: str, title: str, score: float, nats: float | None
) -> None:
    cause = signature("A", events=("release", "other"), words=("rollout", "build", "version", "slot", "news", "clas"))
    match = EventMatch("E1", title, score, "starts then")
    weight = event_weights.events_weight(cause, [(kind, match)])
    assert weight.amount == pytest.approx(-0.3 - 0.3 * score if nats is None else nats)
    assert ("event E1" in weight.text) is (nats is not None)
    none = signature("B", events=("-",))
    assert event_weights.events_weight(none, [(kind, match)]).amount == pytest.approx(-0.5 * score)
    better = replace(match, event_id="E0", score=score + 0.2)
    for order in ([(kind, match), (kind, better)], [(kind, better), (kind, match)]):
        assert (
            event_weights.events_weight(cause, order).amount
            == event_weights.events_weight(cause, [(kind, better)]).amount
        )
        assert event_weights.events_weight(none, order).amount == pytest.approx(-0.5 * (score + 0.2))
    assert (event_weights.events_weight(none, []).amount, event_weights.events_weight(cause, []).amount) == (0.0, -0.3)


@pytest.mark.parametrize(
    ("segment", "slices", "dimensions", "amount"),
    [
        ("market=ID", ("market",), ("market",), 0.7),
        ("channel=live", ("market",), ("market", "channel"), -2.5),
        ("channel=live,device=ios", ("market",), ("market", "channel"), -5.0),
        ("channel=live,market=ID", ("market",), ("market", "channel"), -1.25),
        ("channel=live", ("market", "channel"), ("market", "channel"), -0.7),
        ("channel=live", ("market", "channel"), ("channel",), 0.7),
        ("", ("market", "everything"), ("market",), -0.7),
        ("", ("market", "everything"), (), 0.7),
    ],
)
def test_a_segment_weighs_by_what_the_cause_is_known_by(
    segment: str, slices: tuple[str, ...], dimensions: tuple[str, ...], amount: float
) -> None:
    known = replace(EVIDENCE, segment=Segment.parse(segment), dimensions=dimensions)
    assert cause_weights._of_slice(signature("A", slices=slices), known).amount == pytest.approx(amount)


@pytest.mark.parametrize(("name", "degree", "counted"), [
    ("event_holiday", 1.0, False), ("event_holiday", 0.0, True), ("slow", 1.0, True), ("slow", 0.0, True),
])  # fmt: skip
def test_an_event_that_is_there_counts_among_the_events_alone(name: str, degree: float, counted: bool) -> None:
    """One that is missing speaks against a cause: .7 x 2 log(.05 / .8) nats; a test that holds for it by .7 x 2 log(.95 / .2)."""
    known = replace(EVIDENCE, facts={name: FactResult(degree, "a test")})
    amounts = [weight.amount for weight in cause_weights.cause_weights(signature("A", facts={name: True}), known)]
    fact = 1.4 * log(0.95 / 0.2 if degree else 0.05 / 0.8)
    assert [round(amount, 6) for amount in amounts].count(round(fact, 6)) == counted


def test_what_speaks_for_a_cause_adds_up() -> None:
    """All weights but those of events are drawn in by the same factor."""
    pattern = MovePattern(moves={"ctr": "down"}, may={"gmv": "down"}, flat=("orders",))
    cause = signature(
        "A", patterns=(pattern, MovePattern(moves={"orders": "up"})), onset=("ramp",), facts={"slow": True}
    )
    moved = {
        "ctr": move(-0.3),
        "gmv": move(-0.2, metric="gmv", unit="money"),
        "orders": move(0.0, metric="orders", unit="count"),
    }
    known = replace(EVIDENCE, moved=moved, facts={})
    amounts = [weight.amount for weight in cause_weights.cause_weights(cause, known)]

    def spread(density: float, change: MetricMove) -> float:
        return 0.99 * density + 0.01 * likelihood.normal(change.beyond, 1.5 + change.error)

    usual = {
        name: spread(0.7 * likelihood.stays(change) + 0.3 * likelihood.moves(change, "either"), change)
        for name, change in moved.items()
    }
    by_cause = {
        "ctr": likelihood.moves_as_needed(moved["ctr"], "down", 0.3),
        "gmv": (likelihood.stays(moved["gmv"]) + likelihood.moves(moved["gmv"], "down")) / 2,
        "orders": likelihood.stays(moved["orders"]),
    }
    expected = [log(spread(by_cause[name], change) / usual[name]) for name, change in moved.items()]
    by_moves = sum(expected)
    other = sum(weight.amount for weight in cause_weights._of_pattern(cause.patterns[1], known))
    either = log((exp(by_moves) + exp(other)) / 2) - by_moves  # two ways to show, the other one far less likely
    expected += [-1.5, 0.7, -0.6, either]  # the test cannot be made; the segment; the shape
    assert -log(2) < either < -0.69
    assert amounts == pytest.approx([*(0.7 * amount for amount in expected), -0.3])
    twice = cause_weights.cause_weights(replace(cause, patterns=(pattern, pattern)), known)
    once = cause_weights.cause_weights(replace(cause, patterns=(pattern,)), known)
    assert [weight.amount for weight in twice] == pytest.approx([weight.amount for weight in once])
    foreign = cause_weights.cause_weights(cause, replace(known, asked="refund_rate"))
    assert len(foreign) == len(amounts) + 1
    assert min(weight.amount for weight in foreign) == pytest.approx(-2.1), "it does not move what was asked about"


def test_a_merged_step_does_what_its_finer_ones_would() -> None:
    finer, whole = ("detail_view_rate", "cart_rate", "cart_to_order_rate"), "click_to_order_rate"
    patterns = {
        "needed": MovePattern(moves={"cart_rate": "down"}, flat=("detail_view_rate",)),
        "opposite": MovePattern(moves={"cart_rate": "down", "detail_view_rate": "up"}),
        "maybe": MovePattern(may={"cart_rate": "down"}),
        "maybe both": MovePattern(may={"cart_rate": "down", "detail_view_rate": "up"}),
        "flat": MovePattern(flat=("cart_rate",)),
        "silent": MovePattern(moves={"ctr": "down"}),
        "own": MovePattern(moves={whole: "up", "cart_rate": "down"}),
    }
    merged = with_merged_steps(
        {key: signature(key, patterns=(each,)) for key, each in patterns.items()}, {whole, "ctr"}
    )
    found = {key: cause.patterns[0] for key, cause in merged.items()}
    assert found["needed"].moves[whole] == "down"
    assert whole in found["opposite"].flat
    assert (found["maybe"].may[whole], found["maybe both"].may[whole]) == ("down", "either")
    assert whole in found["flat"].flat
    assert whole not in found["silent"].metrics
    assert found["own"] == patterns["own"]
    everything = with_merged_steps({"A": signature("A", patterns=(patterns["needed"],))}, {whole, *finer})
    assert whole not in everything["A"].metrics, "the finer steps are counted themselves"
