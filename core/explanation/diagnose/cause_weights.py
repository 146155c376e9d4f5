"""How much each metric, test and the segment of a change speak for or against a cause.

Each pattern of a signature says how every metric should have moved; the density of what was measured under that, against the
density under no particular cause, is the weight of evidence (Good 1950). A metric that is not counted says nothing.
"""

from collections.abc import Mapping
from math import log

import numpy as np

from core.catalogue.cause_signatures import EVERYWHERE, CauseSignature, MovePattern, Way
from core.catalogue.metric_names import metric_words
from core.detection.distributions import Z95
from core.explanation.decompose.metric_moves import MetricMove
from core.explanation.diagnose.change_evidence import KNOWN_DIMENSIONS, ChangeEvidence, FactResult, Weight
from core.explanation.diagnose.event_weights import events_weight, stems, subject_stems
from core.explanation.diagnose.move_likelihood import contaminated, moves, moves_as_needed, moves_or_stays, stays

_LEAST_MOVE = 0.1
"""What the largest of the moves that a cause needs is at least, in log units: a cause whose metrics all stayed is not there. (At
0 "commission -0.0 %" spoke for a change of commission, for it was as small as the largest move that this cause needs.)"""
_PASSES, _BY_CHANCE = 0.95, 0.2
_DECISIVE = 2.0
"""A test that settles a cause counts more than a metric."""
_OF_EVENTS = "event_"
"""How tests are called that look for an event: one that is there speaks for a cause among the events, and only once."""
_UNTESTED = -1.5
"""What speaks against a cause when a test that it needs cannot be made."""
_OTHER_LEAF = -3.0
"""What speaks against a cause that cannot move the leaf of the tree that brought most of the change."""
_FOREIGN = -2.5
"""For each dimension of the segment by which such a cause is not known."""
_NARROWER = 0.5
"""... a share of it where it is known by another one of them: the cause is in a part of where it usually is."""
_USUAL_SLICE = 0.7
"""Nats for a segment that is named by the dimension that such a cause is known by first, and against any other."""
HEAT = 0.7
"""What the weights of metrics and tests are multiplied by before they become probabilities. At 0.6, the 81 causes of five made-up
shops that were said with 30 to 90 % promised 56 right ones, and 69 were right."""


def cause_weights(signature: CauseSignature, evidence: ChangeEvidence) -> list[Weight]:
    """Everything that speaks for or against one cause, which may show by any of its patterns: in words by the best of them."""
    patterns = [_of_pattern(pattern, evidence) for pattern in signature.patterns]
    sums = [sum(weight.amount for weight in parts) for parts in patterns]
    parts = patterns[int(np.argmax(sums))]
    choice = Weight(float(np.logaddexp.reduce(sums)) - log(len(sums)) - max(sums), "")
    for name, holds in signature.facts.items():
        if name in evidence.facts:
            weight = _of_fact(evidence.facts[name], holds)
            is_counted = holds and weight.amount > 0 and name.startswith(_OF_EVENTS)
            parts += [] if is_counted else [weight]
    untested = [name for name, holds in signature.facts.items() if holds and name not in evidence.facts]
    parts += [
        Weight(_UNTESTED, f"required by this cause, but not testable with these data: {name.replace('_', ' ')}")
        for name in untested
    ]
    parts += [_of_slice(signature, evidence), _of_onset(signature, evidence.shape)]
    return [
        *(Weight(HEAT * weight.amount, weight.text) for weight in (*parts, choice)),
        events_weight(signature, evidence.events),
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
    usual, measured = moves_or_stays(move), f"{move.words} {_in_words(move)}"
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


def _in_words(move: MetricMove) -> str:
    verb = "fell" if move.percent < 0 else "rose"
    return f"{verb} {abs(move.percent):.1%} (±{2 * move.relative_error:.1%}) versus the rest"


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
    known = [name for name in dimensions if name in KNOWN_DIMENSIONS]
    foreign = [name for name in known if name not in signature.slices]
    text = f"the change is in {evidence.segment or 'everything'}"
    if foreign:
        share = 1.0 if len(foreign) == len(known) else _NARROWER
        return Weight(
            share * _FOREIGN * len(foreign),
            f"{text}; expected for this cause: a change by {' or '.join(signature.slices)}",
        )
    if not known:
        is_named = not subject_stems(signature).isdisjoint(stems(" ".join(dimensions)))
        return Weight(_USUAL_SLICE if is_named else 0.0, text)
    usual = next((name for name in signature.slices if name in evidence.dimensions), EVERYWHERE)
    typical = not signature.slices or usual in dimensions
    return Weight(_USUAL_SLICE if typical else -_USUAL_SLICE, text)


def _of_onset(signature: CauseSignature, shape: str) -> Weight:
    fits = not signature.onset or shape in signature.onset
    return Weight(0.1 if fits else -0.6, f"it began as a {shape}")
