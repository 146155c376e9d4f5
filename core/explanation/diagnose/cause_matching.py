"""Named causes: how well each signature fits the evidence, and by what the others are ruled out.

Each pattern of a signature says how every metric should have moved; the density of what was measured under that, against the
density under no particular cause, is the weight of evidence (Good 1950). A metric that is not counted says nothing. Weights add
up to a posterior over all causes and "none of these" (naive Bayes with a temperature, because neighbouring metrics are not
independent; the temperature was calibrated on planted causes, see bench/causes.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, floor, log

import numpy as np

from core.base.segment import Segment
from core.catalogue.cause_signatures import EVERYWHERE, NO_EVENT, CauseSignature, MovePattern, Way
from core.catalogue.kinds import SLICE
from core.catalogue.metric_names import metric_words
from core.detection.distributions import Z95
from core.explanation.decompose.metric_moves import MetricMove
from core.explanation.diagnose.event_matching import words_of
from core.explanation.diagnose.move_likelihood import contaminated, moves, moves_as_needed, moves_or_stays, stays
from core.explanation.explanation_results import LIKELY, CauseMatch, EventMatch, RuledOut

_LEAST_MOVE = 0.1
"""What the largest of the moves that a cause needs is at least, in log units: a cause whose metrics all stayed is not there. (At
0 "commission -0.0 %" spoke for a change of commission, for it was as small as the largest move that this cause needs.)"""
_HEAT = 0.7
"""What the weights of metrics and tests are multiplied by before they become probabilities. At 0.6, the 81 causes of five made-up
shops that were said with 30 to 90 % promised 56 right ones, and 69 were right."""
_PASSES, _BY_CHANCE = 0.95, 0.2
_DECISIVE = 2.0
"""A test that settles a cause counts more than a metric."""
_UNTESTED = -1.5
"""What speaks against a cause when a test that it needs cannot be made."""
_OTHER_LEAF = -3.0
"""What speaks against a cause that cannot move the leaf of the tree that brought most of the change."""
_NONE = 2.0
"""Prior of "none of these", in units of one cause's."""
_STEM = 5
_SHOWN = 3
_FOREIGN = -2.5
"""For each dimension of the segment by which such a cause is not known."""
_NARROWER = 0.5
"""... a share of it where it is known by another one of them: the cause is in a part of where it usually is."""
_KNOWN_DIMENSIONS = frozenset({*SLICE, "product_id", EVERYWHERE})
_USUAL_SLICE = 0.7
"""Nats for a segment that is named by the dimension that such a cause is known by first, and against any other."""
_KIND, _COMMON_WORDS = 1.5, (0.0, 1.0, 2.0)
"""Nats of an event that fits in time and scope: for its kind, and for the words that it shares with the cause. Not tempered,
for the change log was written without looking at the metrics."""
_COINCIDENCE = 0.5
"""Nats of an event of another kind that fits, against a cause that shows without one: both at once are a coincidence, but change
logs are full of what changed nothing."""
_ANY_KIND = "other"
"""The kind of an event that has none."""
_STATED = 0.5
"""Evidence that weighs less is not stated."""
_LEAST = 0.05
"""Causes below this probability are not worth a line."""
_PAIR = 0.9
"""What two causes have together at least, of which neither is likelier than not, to be named as one of two."""


@dataclass(frozen=True, slots=True)
class FactResult:
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
    facts: Mapping[str, FactResult]
    segment: Segment
    dimensions: Sequence[str]
    """What the metric can be sliced by."""
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
    """Empty for what no reader need know."""


@dataclass(frozen=True, slots=True)
class CauseRanking:
    """Which causes fit, or which two of which it is one, which are ruled out, and what came nearest where none fits."""

    causes: tuple[CauseMatch, ...]
    ruled_out: tuple[RuledOut, ...]
    nearest: tuple[tuple[CauseSignature, float], ...]
    """The most likely ones that any evidence speaks for, with their probabilities, best first."""

    @property
    def is_decided(self) -> bool:
        """Whether one cause is likelier than not."""
        return bool(self.causes) and self.causes[0].score >= LIKELY


def match_causes(signatures: Mapping[str, CauseSignature], evidence: ChangeEvidence) -> CauseRanking:
    """The causes that fit, best first with their probability, and the look-alikes of the best with what rules them out.

    None where the best is less likely than not; but both of two that leave next to nothing to all others.
    """
    weights = {key: _weights(signature, evidence) for key, signature in signatures.items()}
    scores = {
        key: log(signatures[key].weight) + sum(weight.amount for weight in parts) for key, parts in weights.items()
    }
    none = log(_NONE)
    top = max([none, *scores.values()])
    total = exp(none - top) + sum(exp(score - top) for score in scores.values())
    chance = {key: evidence.sure * exp(score - top) / total for key, score in scores.items()}
    order = sorted(chance, key=lambda key: (-chance[key], key))
    listed = [key for key in order[:_SHOWN] if chance[key] >= _LEAST]
    supported = [key for key in listed if any(weight.amount > 0 for weight in _stated(weights[key]))]
    nearest = tuple((signatures[key], chance[key]) for key in supported)
    if listed and chance[listed[0]] >= LIKELY:
        named, others = listed, _look_alikes(signatures, chance, listed)
    else:
        named = supported[:2] if sum(chance[key] for key in supported[:2]) >= _PAIR else []
        others = [key for key in listed if key not in named]
        chance = {key: floor(100 * value) / 100 for key, value in chance.items()}  # neither is said with 50 %
    causes = tuple(_cause_match(signatures[key], chance[key], weights[key], evidence.segment) for key in named)
    return CauseRanking(causes, tuple(_ruled_out(signatures[key], weights[key]) for key in others), nearest)


def _look_alikes(
    signatures: Mapping[str, CauseSignature], chance: Mapping[str, float], listed: Sequence[str]
) -> list[str]:
    """What is taken for the best cause, as far as it is clearly less likely and not shown itself."""
    similar = (key for key in signatures[listed[0]].lookalikes if key not in listed)
    return [key for key in similar if chance[key] < chance[listed[0]] / 3]


def _stated(weights: Sequence[Weight]) -> list[Weight]:
    """The evidence that weighs enough to be stated, in the order given."""
    return [weight for weight in weights if weight.text and abs(weight.amount) >= _STATED * _HEAT]


def _cause_match(signature: CauseSignature, chance: float, weights: Sequence[Weight], where: Segment) -> CauseMatch:
    ranked = sorted(_stated(weights), key=lambda weight: -weight.amount)
    lines = [f"for: {weight.text}" for weight in ranked if weight.amount > 0]
    lines += [f"against: {weight.text}" for weight in reversed(ranked) if weight.amount < 0]
    return CauseMatch(
        cause=f"{signature.key} {signature.name}",
        score=round(chance, 4),
        evidence=tuple(lines),
        action=signature.action,
        owner=signature.owner,
        verify=signature.verify,
        where=where,
    )


def _ruled_out(signature: CauseSignature, weights: Sequence[Weight]) -> RuledOut:
    """With what speaks most against it; that a cause may show in several ways is no reason."""
    worst = min((weight for weight in weights if weight.text), key=lambda weight: weight.amount)
    return RuledOut(f"{signature.key} {signature.name}", worst.text)


def _weights(signature: CauseSignature, evidence: ChangeEvidence) -> list[Weight]:
    """Everything that speaks for or against one cause, which may show by any of its patterns: in words by the best of them."""
    patterns = [_of_pattern(pattern, evidence) for pattern in signature.patterns]
    sums = [sum(weight.amount for weight in parts) for parts in patterns]
    parts = patterns[int(np.argmax(sums))]
    choice = Weight(float(np.logaddexp.reduce(sums)) - log(len(sums)) - max(sums), "")
    parts += [
        _of_fact(evidence.facts[name], holds) for name, holds in signature.facts.items() if name in evidence.facts
    ]
    untested = [name for name, holds in signature.facts.items() if holds and name not in evidence.facts]
    parts += [
        Weight(_UNTESTED, f"required by this cause, but not testable with these data: {name.replace('_', ' ')}")
        for name in untested
    ]
    parts += [_of_slice(signature, evidence), _of_onset(signature, evidence.shape)]
    return [
        *(Weight(_HEAT * weight.amount, weight.text) for weight in (*parts, choice)),
        _of_events(signature, evidence.events),
    ]


def _of_pattern(pattern: MovePattern, evidence: ChangeEvidence) -> list[Weight]:
    """What all metrics together say of a pattern."""
    moved = evidence.moved
    needed = (abs(moved[name].beyond) for name in pattern.moves if name in moved)
    brought = (abs(moved[name].beyond) - Z95 * moved[name].error for name in pattern.may if name in moved)
    largest = max([_LEAST_MOVE, *needed, *brought])
    parts = [_of_metric(pattern, move, largest) for move in evidence.moved.values() if move.metric in pattern.metrics]
    if evidence.asked not in pattern.moves and evidence.asked not in pattern.may:
        text = f"this cause does not affect {metric_words(evidence.asked)}, which explains most of the change"
        parts.append(Weight(_OTHER_LEAF, text))
    return parts


def _of_metric(pattern: MovePattern, move: MetricMove, largest: float) -> Weight:
    """`largest` is the largest of the moves that the pattern needs or, clearly, of those that it may bring."""
    usual, verb = moves_or_stays(move), "fell" if move.percent < 0 else "rose"
    measured = f"{move.words} {verb} {abs(move.percent):.1%} (±{2 * move.relative_error:.1%}) versus the rest"
    if move.metric in pattern.moves:
        direction = pattern.moves[move.metric]
        amount = log(contaminated(moves_as_needed(move, direction, largest), move) / usual)
        predicted = ", as this cause predicts" if amount > 0 else f"; this cause would make it {_VERBS[direction]}"
        return Weight(amount, f"{measured}{predicted}")
    if move.metric in pattern.may:
        direction = pattern.may[move.metric]
        amount = log(contaminated(0.5 * stays(move) + 0.5 * moves(move, direction), move) / usual)
        return Weight(amount, f"{measured}; this cause may make it {_VERBS[direction]}")
    return Weight(log(contaminated(stays(move), move) / usual), f"{measured}; this cause would leave it unchanged")


_VERBS: Mapping[Way, str] = {"down": "fall", "up": "rise", "either": "move"}


def _of_fact(fact: FactResult, holds: bool) -> Weight:
    """Nineteen of twenty cases of a cause pass its tests; of all others one in five does."""
    right = _PASSES if holds else 1 - _PASSES
    among_cause = right * fact.degree + (1 - right) * (1 - fact.degree)
    among_all = _BY_CHANCE * fact.degree + (1 - _BY_CHANCE) * (1 - fact.degree)
    amount = _DECISIVE * log(among_cause / among_all)
    against = f"expected for this cause: {fact.claim}" if holds else "not expected for this cause"
    return Weight(amount, f"{fact.text}, as expected for this cause" if amount > 0 else f"{fact.text}; {against}")


def _of_slice(signature: CauseSignature, evidence: ChangeEvidence) -> Weight:
    """Dimensions of the user's own are known by no signature; one may be called like the cause (a payment method)."""
    dimensions = evidence.segment.dimensions or (EVERYWHERE,)
    known = [name for name in dimensions if name in _KNOWN_DIMENSIONS]
    foreign = [name for name in known if name not in signature.slices]
    text = f"the change is in {evidence.segment or 'everything'}"
    if foreign:
        share = 1.0 if len(foreign) == len(known) else _NARROWER
        expected = f"expected for this cause: a change by {' or '.join(signature.slices)}"
        return Weight(share * _FOREIGN * len(foreign), f"{text}; {expected}")
    if not known:
        is_named = not _subject_stems(signature).isdisjoint(_stems(" ".join(dimensions)))
        return Weight(_USUAL_SLICE if is_named else 0.0, text)
    usual = next((name for name in signature.slices if name in evidence.dimensions), EVERYWHERE)
    typical = not signature.slices or usual in dimensions
    return Weight(_USUAL_SLICE if typical else -_USUAL_SLICE, text)


def _of_onset(signature: CauseSignature, shape: str) -> Weight:
    fits = not signature.onset or shape in signature.onset
    return Weight(0.1 if fits else -0.6, f"it began as a {shape}")


def _of_events(signature: CauseSignature, events: Sequence[tuple[str, EventMatch]]) -> Weight:
    """An event of a kind that tells of the cause, all the more when its title speaks of the same things."""
    fits = [(_event_fit(signature, kind, match), match) for kind, match in events]
    weight, best = max(fits, key=lambda pair: pair[0], default=(0.0, None))
    if best is not None and weight > 0:
        return Weight(weight, f"event {best.name}: {best.reason}")
    other = max((match.score for _, match in events), default=0.0)
    if NO_EVENT in signature.events:
        text = "an event of another kind fits" if other else "no event in the change log fits"
        return Weight(-_COINCIDENCE * other, text)
    return Weight(-0.3 - 0.3 * other, f"the change log has no {' or '.join(signature.events)} event that fits")


def _event_fit(signature: CauseSignature, kind: str, event: EventMatch) -> float:
    """What an event says for a cause: its fit, times that of its kind and of its words. An event of the kind "other" may be
    anything: its kind counts only together with a word."""
    common = len(_stems(event.title) & _subject_stems(signature))
    of_kind = kind in signature.events and (common > 0 or kind != _ANY_KIND)
    return ((_KIND if of_kind else 0.0) + _COMMON_WORDS[min(common, 2)]) * event.score


def _subject_stems(signature: CauseSignature) -> set[str]:
    """What a cause may be called; short words, and those that name what any event may be about (a seller, a market), only where
    the signature lists them."""
    named = _stems(f"{signature.name} {signature.owner}", _STEM) - _stems(" ".join(_KNOWN_DIMENSIONS))
    return named | _stems(" ".join(signature.words))


def _stems(text: str, least: int = 1) -> set[str]:
    """The words of a text of at least so many letters, cut to their stems: slot and slots, ranker and rankers are one."""
    return {_stem(word) for word in words_of(text.casefold()) if len(word) >= least}


def _stem(word: str) -> str:
    is_plural = len(word) >= _STEM and word.endswith("s") and not word.endswith("ss")
    return word[: min(_STEM, len(word) - is_plural)]
