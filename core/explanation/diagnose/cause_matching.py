"""Named causes: how well each signature fits the evidence, and by what the others are ruled out.

Each signature says how every metric should have moved; the density of what was seen under that, against the density under
no particular cause, is the weight of evidence (Good 1950). Weights add up to a posterior over all causes and "none of
these" (naive Bayes with a temperature, because neighbouring metrics are not independent; the temperature was calibrated on
planted causes, see bench/causes.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import erfc, exp, log, pi, sqrt

from core.base.segment import Segment
from core.catalogue.cause_signatures import EVERYWHERE, NO_EVENT, CauseSignature, Way
from core.explanation.decompose.metric_moves import MetricMove
from core.explanation.explanation_results import CauseMatch, EventMatch, RuledOut

_TYPICAL = 0.6
"""Mean size of a move, in log units."""
_STILL = {True: 0.02, False: 0.05}
"""How far a metric strays that stays flat, beyond chance: ratios, sums."""
_HUGE = 0.2
"""Share of moves that are several times as large."""
_STRAY = 0.01
"""Share of metrics that do what nobody foresaw."""
_QUIET = 0.7
"""Share of metrics that stay flat when nothing is known of the cause."""
_HEAT = 0.6
"""What the weights of evidence are multiplied by before they become probabilities."""
_PASSES, _BY_CHANCE = 0.95, 0.2
_DECISIVE = 2.0
"""A test that settles a cause counts more than a metric."""
_UNTESTED = -1.5
"""What speaks against a cause when a test that it needs cannot be made."""
_NONE = 2.0
"""Prior of "none of these", in units of one cause's."""
_STEM = 5
_SHOWN = 3
_FOREIGN = -2.5
"""For each dimension of the segment by which such a cause is not known."""
_TOLD = 0.5
"""Evidence that weighs less is not told."""
_LEAST = 0.05
"""Causes below this probability are not worth a line."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """The result of a named test: how far it holds, from 0 to 1, and the figures that say so."""

    degree: float
    text: str
    claim: str = ""


@dataclass(frozen=True, kw_only=True)
class ChangeEvidence:
    """All that is known of one change."""

    asked: str
    """The leaf that brought most of the change."""
    moved: Mapping[str, MetricMove]
    facts: Mapping[str, TestResult]
    segment: Segment
    shape: str
    events: Sequence[tuple[str, EventMatch]]
    """(kind, match), best first."""
    sure: float = 1.0
    """How sure it is that there is a change to be explained, and where."""


@dataclass(frozen=True, slots=True)
class Weight:
    """One piece of evidence for (positive) or against (negative) a cause, in log units, and in words."""

    amount: float
    text: str


def match_causes(
    signatures: Mapping[str, CauseSignature], evidence: ChangeEvidence
) -> tuple[tuple[CauseMatch, ...], tuple[RuledOut, ...]]:
    """The causes that fit, best first with their probability, and the look-alikes of the best with what rules them out."""
    weights = {key: _weights(one, evidence) for key, one in signatures.items()}
    scores = {
        key: log(signatures[key].weight) + _HEAT * sum(one.amount for one in held) for key, held in weights.items()
    }
    none = log(_NONE)
    top = max([none, *scores.values()])
    total = exp(none - top) + sum(exp(score - top) for score in scores.values())
    chance = {key: evidence.sure * exp(score - top) / total for key, score in scores.items()}
    order = sorted(chance, key=lambda key: (-chance[key], key))
    shown = [key for key in order[:_SHOWN] if chance[key] >= _LEAST]
    found = tuple(_found(signatures[key], chance[key], weights[key]) for key in shown)
    others = _look_alikes(signatures, chance, shown) if shown else []
    return found, tuple(_ruled_out(signatures[key], weights[key]) for key in others)


def _look_alikes(
    signatures: Mapping[str, CauseSignature], chance: Mapping[str, float], shown: Sequence[str]
) -> list[str]:
    """What is taken for the best cause, as far as it is clearly less likely and not shown itself."""
    known = (key for key in signatures[shown[0]].lookalikes if key not in shown)
    return [key for key in known if chance[key] < chance[shown[0]] / 3]


def _found(signature: CauseSignature, chance: float, weights: Sequence[Weight]) -> CauseMatch:
    ranked = sorted((one for one in weights if abs(one.amount) >= _TOLD), key=lambda one: -one.amount)
    evidence = [f"for: {one.text}" for one in ranked if one.amount > 0]
    evidence += [f"against: {one.text}" for one in reversed(ranked) if one.amount < 0]
    return CauseMatch(
        cause=f"{signature.key} {signature.name}",
        score=round(chance, 4),
        evidence=tuple(evidence),
        action=signature.action,
        owner=signature.owner,
        verify=signature.verify,
    )


def _ruled_out(signature: CauseSignature, weights: Sequence[Weight]) -> RuledOut:
    worst = min(weights, key=lambda one: one.amount)
    return RuledOut(f"{signature.key} {signature.name}", worst.text)


def _weights(signature: CauseSignature, evidence: ChangeEvidence) -> list[Weight]:
    """Everything that speaks for or against one cause."""
    found = [_of_metric(signature, one) for one in evidence.moved.values()]
    found += [
        _of_fact(evidence.facts[name], wanted) for name, wanted in signature.facts.items() if name in evidence.facts
    ]
    untested = [name for name, wanted in signature.facts.items() if wanted and name not in evidence.facts]
    found += [
        Weight(_UNTESTED, f"nothing here tells whether {name.replace('_', ' ')} holds, which it needs")
        for name in untested
    ]
    found += [_of_asked(signature, evidence), _of_slice(signature, evidence.segment)]
    found += [_of_onset(signature, evidence.shape), _of_events(signature, evidence.events)]
    return found


def _of_metric(signature: CauseSignature, one: MetricMove) -> Weight:
    usual = _any(one)
    seen = f"{one.name} {_moved_in_words(one)}"
    if one.metric in signature.moves:
        way = signature.moves[one.metric]
        return Weight(log(_spread(_moving(one, way), one) / usual), f"{seen}; it has to {_in_words(way)}")
    if one.metric in signature.may:
        way = signature.may[one.metric]
        fit = 0.5 * _flat(one) + 0.5 * _moving(one, way)
        return Weight(log(_spread(fit, one) / usual), f"{seen}; it may {_in_words(way)}")
    if one.metric in signature.flat:
        return Weight(log(_spread(_flat(one), one) / usual), f"{seen}; it has to stay")
    return Weight(0.0, seen)


def _in_words(way: Way) -> str:
    return {"down": "fall", "up": "rise", "either": "move"}[way]


def _moved_in_words(one: MetricMove) -> str:
    return f"{one.percent:+.1%} (± {2 * one.relative_error:.1%}) beside the rest"


def _flat(one: MetricMove) -> float:
    """Density of what was seen if the metric stays."""
    return _normal(one.beyond, sqrt(one.error**2 + _STILL[one.unit == "ratio"] ** 2))


def _moving(one: MetricMove, way: Way) -> float:
    """Density of what was seen if the metric moves that way by an exponential amount (an exponentially modified normal)."""
    if way == "either":
        return (_moving(one, "down") + _moving(one, "up")) / 2
    size, error = (one.beyond if way == "up" else -one.beyond), max(one.error, 0.01)
    return (1 - _HUGE) * _grown(size, error, _TYPICAL) + _HUGE * _grown(size, error, 4 * _TYPICAL)


def _grown(size: float, error: float, mean: float) -> float:
    """Density of an exponential amount seen with a normal error."""
    lift = error / mean
    tail = erfc((lift - size / error) / sqrt(2)) / 2
    return exp(min(lift * lift / 2 - size / mean, 50.0)) / mean * tail


def _any(one: MetricMove) -> float:
    return _spread(_QUIET * _flat(one) + (1 - _QUIET) * _moving(one, "either"), one)


def _spread(density: float, one: MetricMove) -> float:
    return (1 - _STRAY) * density + _STRAY * _normal(one.beyond, 1.5 + one.error)


def _normal(value: float, width: float) -> float:
    return exp(-((value / width) ** 2) / 2) / (width * sqrt(2 * pi))


def _of_fact(fact: TestResult, wanted: bool) -> Weight:
    """Nineteen of twenty cases of a cause pass its tests; of all others one in five does."""
    right = _PASSES if wanted else 1 - _PASSES
    among_cause = right * fact.degree + (1 - right) * (1 - fact.degree)
    among_all = _BY_CHANCE * fact.degree + (1 - _BY_CHANCE) * (1 - fact.degree)
    claim = f"it needs that {fact.claim}" if wanted else f"it excludes that {fact.claim}"
    return Weight(_DECISIVE * log(among_cause / among_all), f"{fact.text}; {claim}")


def _of_asked(signature: CauseSignature, evidence: ChangeEvidence) -> Weight:
    """A cause has to move what is to be explained."""
    name = evidence.asked
    if name in signature.moves or name in signature.may:
        return Weight(0.0, f"it can move {name}")
    return Weight(-3.0, f"it does not move {name}, which brings most of the change")


def _of_slice(signature: CauseSignature, segment: Segment) -> Weight:
    held = segment.dimensions or (EVERYWHERE,)
    foreign = [name for name in held if name not in signature.slices]
    text = f"the change is in {segment or 'everything'}"
    if foreign:
        return Weight(_FOREIGN * len(foreign), f"{text}; such a cause is known by {', '.join(signature.slices)}")
    typical = not signature.slices or signature.slices[0] in held
    return Weight(0.7 if typical else -0.7, text)


def _of_onset(signature: CauseSignature, shape: str) -> Weight:
    fits = not signature.onset or shape in signature.onset
    return Weight(0.1 if fits else -0.6, f"it began as a {shape}")


def _of_events(signature: CauseSignature, events: Sequence[tuple[str, EventMatch]]) -> Weight:
    """An event of a kind that tells of the cause, all the more when its title speaks of the same things."""
    fits = [(_told(signature, kind, one), one) for kind, one in events]
    weight, best = max(fits, key=lambda pair: pair[0], default=(0.0, None))
    if best is not None and weight > 0:
        return Weight(weight, f"event {best.event_id} {best.title}: {best.reason}")
    other = max((one.score for _, one in events), default=0.0)
    if NO_EVENT in signature.events:
        text = (
            "the change log has an event that fits, of another kind"
            if other
            else "the change log has nothing that fits"
        )
        return Weight(-1.5 * other, text)
    return Weight(-0.5 - 0.5 * other, f"the change log has no {' or '.join(signature.events)} event that fits")


def _told(signature: CauseSignature, kind: str, event: EventMatch) -> float:
    """What an event says for a cause: its fit, times that of its kind and of its words."""
    about = _words(f"{signature.name} {signature.owner} {' '.join(signature.words)}")
    common = len(_words(event.title) & about)
    fit = (1.5 if kind in signature.events else 0.0) + (0.0, 1.0, 2.0)[min(common, 2)]
    return fit * event.score


def _words(text: str) -> set[str]:
    """The words of a text, cut to their stems so that rank, ranking and ranks are one."""
    return {
        word[:_STEM]
        for word in "".join(one if one.isalnum() else " " for one in text.casefold()).split()
        if len(word) >= _STEM
    }
