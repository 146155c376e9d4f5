"""Named causes: how well each signature fits the evidence, and by what the others are ruled out.

The weights of evidence add up to a posterior over all causes and "none of these" (naive Bayes with a temperature, because
neighboring metrics are not independent; the temperature was calibrated on planted causes, see bench/causes.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, floor, log

from core.base.segment import Segment
from core.catalogue.cause_signatures import CauseSignature
from core.explanation.diagnose.cause_weights import HEAT, cause_weights
from core.explanation.diagnose.change_evidence import ChangeEvidence, Weight
from core.explanation.explanation_results import LIKELY, CauseMatch, RuledOut

_NONE = 2.0
"""Prior of "none of these", in units of one cause's."""
_SHOWN = 3
_STATED = 0.5
"""Evidence that weighs less is not stated."""
_LEAST = 0.05
"""Causes below this probability are not worth a line."""
_PAIR = 0.9
"""What two causes have together at least, of which neither is likelier than not, to be named as one of two."""


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
    weights = {key: cause_weights(signature, evidence) for key, signature in signatures.items()}
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
    return [weight for weight in weights if weight.text and abs(weight.amount) >= _STATED * HEAT]


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
